package budget

import "encoding/json"

// SchemaID is the address of the schema of a configuration.
const SchemaID = "https://onnxmeter.github.io/schema/onnxmeter-yaml-1.json"

type object map[string]any

// Schema is the JSON schema of a configuration. It is made from the table that the
// parser reads by; what it cannot say (names of devices and operators, units) the
// parser checks alone.
func Schema() []byte {
	defaults := object{"budget": object{"$ref": "#/$defs/budget"}}
	entry := object{"budget": object{"$ref": "#/$defs/budget"},
		"path": object{"description": "globs over paths below the folder of the configuration; a model takes the first entry that matches",
			"oneOf": []any{object{"$ref": "#/$defs/path"}, object{"type": "array", "minItems": 1, "items": object{"$ref": "#/$defs/path"}}}},
		"skip": object{"description": "the reason why the models are not checked", "type": "string", "pattern": `\S`}}
	for _, k := range settingKeys {
		defaults[k.Name], entry[k.Name] = k.schema(), k.schema()
	}
	doc := object{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SchemaID, "title": "Budgets of models: " + ConfigName,
		"type": "object", "additionalProperties": false, "required": []string{"models"},
		"properties": object{
			"defaults": object{"description": "what every model takes, unless its entry says otherwise", "type": "object", "additionalProperties": false, "properties": defaults},
			"models": object{"type": "array", "minItems": 1, "items": object{"type": "object", "additionalProperties": false,
				"required": []string{"path"}, "properties": entry, "if": object{"required": []string{"skip"}}, "then": object{"maxProperties": 2}}},
		},
		"$defs": object{"budget": budgetSchema(), "limit": limitSchema(), "ops": opsSchema(),
			"path": object{"type": "string", "minLength": 1, "not": object{"pattern": `^/|[\\:]|(^|[/{},])\.\.($|[/{},])`}}},
	}
	b, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		panic(err) // unreachable: maps of texts and numbers
	}
	return append(b, '\n')
}

func (k Key) schema() object {
	s := object{"description": k.Doc}
	switch k.Kind {
	case Sizes:
		s["type"], s["additionalProperties"] = "object", object{"type": "integer", "minimum": 0, "maximum": uint64(1<<63 - 1)}
	case Texts:
		s["type"], s["additionalProperties"] = "object", object{"type": "string"}
	case Choice:
		s["enum"] = k.Choices
	case Count:
		s["type"], s["minimum"], s["maximum"] = "integer", 1, uint64(1<<63-1)
	case Number:
		s["type"], s["minimum"] = "number", 0
	case Switch:
		s["type"] = "boolean"
	case File:
		s["$ref"] = "#/$defs/path"
	default:
		s["type"], s["minLength"] = "string", 1
	}
	return s
}

func budgetSchema() object {
	rules := object{string(Ops): object{"$ref": "#/$defs/ops"}}
	for _, r := range quantities {
		rules[string(r)] = object{"description": r.Doc(), "oneOf": []any{object{"$ref": "#/$defs/limit"}, object{"type": "object", "minProperties": 1, "additionalProperties": false,
			"properties": object{string(Fail): object{"$ref": "#/$defs/limit"}, string(Warn): object{"$ref": "#/$defs/limit"}}}}}
	}
	return object{"type": "object", "minProperties": 1, "additionalProperties": false, "properties": rules}
}

func limitSchema() object {
	return object{"description": "a quantity as in 4.5 G, 256 MiB or 0.4 J, or a growth over the baseline as in +2 % or +5 % and 10 mJ",
		"oneOf": []any{object{"type": "string", "minLength": 1}, object{"type": "number", "minimum": 0}}}
}

func opsSchema() object {
	names := object{"type": "array", "minItems": 1, "items": object{"type": "string", "minLength": 1}}
	var either []any
	for _, f := range opsFields[:3] {
		either = append(either, object{"required": []string{f}})
	}
	return object{"description": "the operators that a model may hold: Conv, com.microsoft.Attention, com.acme.*", "type": "object", "additionalProperties": false,
		"anyOf": either, "properties": object{"allow": names, "deny": names,
			"max_opset": object{"type": "integer", "minimum": 1}, "level": object{"enum": []Level{Fail, Warn}}}}
}
