package ops

import (
	"fmt"
	"testing"
)

// problems lists what an entry lacks.
func problems(op *Op) []string {
	var out []string
	note := func(bad bool, what string) {
		if bad {
			out = append(out, what)
		}
	}
	note(op.Name == "", "no name")
	note(len(op.Since) == 0, "no version")
	note(len(op.Doc) < 20, "no documentation")
	note(op.Infer == nil, "no shape rule")
	note((op.Cost == nil) == (op.Free == ""), "exactly one of Cost and Free must be set")
	note(len(op.Cases) == 0 && !op.Body, "no cases")
	for i := 1; i < len(op.Since); i++ {
		note(op.Since[i] <= op.Since[i-1], "versions are not ascending")
	}
	if _, err := ParseSig(op); err != nil {
		out = append(out, err.Error())
	}
	if op.Cost != nil {
		costed := false
		for _, c := range op.Cases {
			costed = costed || c.Cost != ""
		}
		note(!costed && !op.Body, "no case states a cost")
	}
	return out
}

func TestEntriesAreComplete(t *testing.T) {
	seen := map[string]bool{}
	Each(func(family string, op *Op) {
		for _, p := range problems(op) {
			t.Errorf("%s: %s-%v: %s", family, op.Name, op.Since, p)
		}
		for _, v := range op.Since {
			k := fmt.Sprintf("%s.%s-%d", op.Domain, op.Name, v)
			if seen[k] {
				t.Errorf("%s occurs twice", k)
			}
			seen[k] = true
		}
	})
}

func TestIncompleteEntryIsRefused(t *testing.T) {
	if len(problems(&Op{Name: "Bad", Since: []int{1}})) == 0 {
		t.Error("an empty entry passes")
	}
}
