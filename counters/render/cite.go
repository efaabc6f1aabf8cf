package render

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/energy"
)

// Citation is what a paper says about a figure: a paragraph of its methods section
// and the works that the paragraph cites. One of Report and Training is set.
type Citation struct {
	Tool     Tool
	Name     string // of the model
	Report   *Report
	Training *Training
}

// CiteKinds are the formats of Cite.
var CiteKinds = []string{"text", "latex", "bibtex", "json"}

// Cite writes a citation: text is the paragraph and the BibTeX entries, latex the same
// with \cite commands, bibtex the entries alone.
func Cite(w io.Writer, kind string, c *Citation) error {
	var works bibliography
	sentences := c.sentences(&works)
	switch kind {
	case "json":
		return citeJSON(w, sentences, &works)
	case "bibtex":
		_, err := io.WriteString(w, works.bibtex())
		return err
	}
	b := bufio.NewWriter(w)
	for i, s := range sentences {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(s.in(kind))
	}
	b.WriteString("\n\n" + works.bibtex())
	return b.Flush()
}

// claim is a sentence of the paragraph with the keys of the works that it cites.
type claim struct {
	text string
	keys []string
}

// in words a claim in a format.
func (s *claim) in(kind string) string {
	body, cite := Line(s.text), ""
	if kind == "latex" {
		body = latexRunes(body)
	}
	switch {
	case len(s.keys) == 0:
	case kind == "latex":
		cite = `~\cite{` + strings.Join(s.keys, ",") + "}"
	default:
		cite = " [" + strings.Join(s.keys, ", ") + "]"
	}
	return strings.TrimSuffix(body, ".") + cite + "."
}

func (c *Citation) sentences(works *bibliography) []claim {
	if c.Training != nil {
		return c.training(works)
	}
	out := []claim{c.method(works), c.totals()}
	if text, ok := statusText[c.Report.Coverage.Status]; ok {
		out = append(out, claim{text: "The totals are " + text + "."})
	}
	for i := range c.Report.Estimates {
		out = append(out, c.estimate(&c.Report.Estimates[i], works)...)
	}
	return out
}

// method says how the figures were found.
func (c *Citation) method(works *bibliography) claim {
	r := c.Report
	rules := ""
	if u := r.Rules.unusual(); len(u) > 0 {
		rules = ", options " + strings.Join(u, " ")
	}
	return claim{fmt.Sprintf("Complexity was counted on the exported ONNX graph, without running it, with onnxmeter %s (operator table %s, convention %s%s), %s.",
		c.Tool.Version, c.Tool.Operators, r.Convention, rules, r.conventionText()), []string{works.tool(c.Tool), works.onnx()}}
}

// conventionText says what the convention counts.
func (r *Report) conventionText() string {
	if r.Measured == nil {
		return "which counts the multiply-accumulates of convolutions, matrix products, recurrent cells and attention, taps in the padding included; one MAC is two FLOPs"
	}
	s := &r.Measured.Convention.Source
	return "as " + strings.TrimSpace(s.Tool+" "+s.Version) + " counts"
}

// totals states the size of the model and the work of one inference.
func (c *Citation) totals() claim {
	r := c.Report
	figure := func(column string, unit string) string {
		for _, f := range r.figures() {
			if f.name != column {
				continue
			}
			if f.value == nil {
				return abridged(f.formula) + " " + unit
			}
			text := strings.TrimSpace(f.sign() + siInt(f.value, unit))
			if r.Coverage.Status == counters.Incomplete {
				text = "at least " + text
			}
			return text
		}
		return ""
	}
	dims := ""
	if len(r.Dims) > 0 {
		dims = " at " + dimsText(r)
	}
	work := figure("macs", "MACs") + " and " + figure("flops", "FLOPs")
	if r.Measured != nil { // the other total is not what the convention counts
		work = figure(unitName(r.Measured.Convention), unitText(r.Measured.Convention))
	}
	return claim{text: fmt.Sprintf("%s has %s parameters; one inference%s takes %s and moves %s of activations after fusion, with %s of them alive at once.",
		c.Name, strings.TrimSpace(figure("params", "")), dims, work,
		figure("bytes.fused", "B"), figure("peak_activation_bytes", "B"))}
}

// estimate states the energy on one device and what it emits.
func (c *Citation) estimate(e *Estimate, works *bibliography) []claim {
	if e.Missing != "" {
		return []claim{{text: fmt.Sprintf("No estimate was made for %s: %s.", e.GPU, e.Missing)}}
	}
	what := fmt.Sprintf("On %s (%s, %s, batch %g) one inference is estimated to take %s of energy, stated interval %s to %s", e.GPU, e.Precision, e.Mode, e.Batch,
		si(e.Joules, "J"), si(e.Lo, "J"), si(e.Hi, "J"))
	if e.Seconds.Known {
		what += fmt.Sprintf(", in %s", si(e.Seconds.Value, "s"))
	}
	out := []claim{{fmt.Sprintf("%s (coefficients %s of table %s, grade %s, boundary: %s), a static estimate for this device from published measurements.",
		what, e.Coefficient, c.Tool.Coefficients, e.Grade, e.Boundary), append(works.sources(e.Sources), works.audio())}}
	if len(e.Warnings) > 0 {
		out = append(out, claim{text: "Of this estimate: " + strings.Join(e.Warnings, "; ") + "."})
	}
	for i := range e.Emissions {
		m := &e.Emissions[i]
		out = append(out, claim{fmt.Sprintf("%s this emits %s of CO2e, interval %s to %s.",
			factorText(m), si(m.Grams, "g"), si(m.Lo, "g"), si(m.Hi, "g")), works.zone(m)})
	}
	return out
}

// factorText states a carbon factor at the start of a sentence.
func factorText(m *energy.Emission) string {
	year := ""
	if m.Zone.Year != 0 {
		year = fmt.Sprintf(", %d", m.Zone.Year)
	}
	where := fmt.Sprintf("zone %s%s, %s", m.Zone.ID, year, m.Zone.Method)
	if m.Zone.Kind == "given" {
		where = "given by the authors"
	}
	return fmt.Sprintf("At %g g CO2e per kWh (%s) and a PUE of %g", m.Zone.GPerKWh, where, m.PUE)
}

// training states what a training took, with the facts that the ML CO2 Impact
// calculator's statement holds: hours, hardware, power, factor, total, offset.
func (c *Citation) training(works *bibliography) []claim {
	t := c.Training
	out := []claim{{fmt.Sprintf("Training ran for %s hours on %s (%s) and took %s kWh, power times hours as in the ML CO2 Impact calculator; it was computed with onnxmeter %s.",
		decimal(t.Run.Hours), t.hardware(), t.power(), decimal(t.KWh), c.Tool.Version), []string{works.impact(), works.tool(c.Tool)}}}
	for i := range t.Emissions {
		m := &t.Emissions[i]
		out = append(out, claim{fmt.Sprintf("%s that is %s kg of CO2e, of which this figure takes nothing as offset.", factorText(m), decimal(kilograms(m.Grams))),
			works.zone(m)})
	}
	return append(out, claim{"Energy of a training as the product of power and time follows the studies of generative audio models.", []string{works.audio()}})
}

// work is one entry of a bibliography.
type work struct{ key, kind, fields string }

// bibliography collects the works that sentences cite, each once, in order.
type bibliography struct{ works []work }

func (b *bibliography) add(kind, key string, fields ...[2]string) string {
	if slices.ContainsFunc(b.works, func(w work) bool { return w.key == key }) {
		return key
	}
	var s strings.Builder
	for _, f := range fields {
		if f[1] != "" {
			fmt.Fprintf(&s, "  %s = {%s},\n", f[0], f[1])
		}
	}
	b.works = append(b.works, work{key, kind, s.String()})
	return key
}

func (b *bibliography) bibtex() string {
	var s strings.Builder
	for i, w := range b.works {
		if i > 0 {
			s.WriteByte('\n')
		}
		fmt.Fprintf(&s, "@%s{%s,\n%s}\n", w.kind, w.key, w.fields)
	}
	return s.String()
}

func (b *bibliography) tool(t Tool) string {
	return b.add("misc", "onnxmeter", [2]string{"title", "{onnxmeter}: static complexity and energy of {ONNX} graphs"},
		[2]string{"howpublished", `\url{https://github.com/onnxmeter/onnxmeter}`},
		[2]string{"note", fmt.Sprintf("version %s, operators %s, coefficients %s", latexRunes(t.Version), t.Operators, t.Coefficients)})
}

// onnx is the standard that names the operators.
func (b *bibliography) onnx() string {
	return b.add("misc", "onnx", [2]string{"title", "{ONNX}: Open Neural Network Exchange"}, [2]string{"howpublished", `\url{https://onnx.ai}`})
}

// audio is the study that names operations, energy of a device and the cost of training as measures.
func (b *bibliography) audio() string {
	return b.add("misc", "douwes2021energy", [2]string{"title", "Energy Consumption of Deep Generative Audio Models"},
		[2]string{"author", "Douwes, Constance and Esling, Philippe and Briot, Jean-Pierre"}, [2]string{"year", "2021"},
		[2]string{"eprint", "2107.02621"}, [2]string{"archiveprefix", "arXiv"})
}

func (b *bibliography) impact() string {
	return b.add("misc", "lacoste2019quantifying", [2]string{"title", "Quantifying the Carbon Emissions of Machine Learning"},
		[2]string{"author", "Lacoste, Alexandre and Luccioni, Alexandra and Schmidt, Victor and Dandres, Thomas"}, [2]string{"year", "2019"},
		[2]string{"eprint", "1910.09700"}, [2]string{"archiveprefix", "arXiv"})
}

// sources adds the measurements behind a coefficient.
func (b *bibliography) sources(list string) (keys []string) {
	for _, s := range strings.Split(list, " | ") {
		if s = strings.TrimSpace(s); s != "" {
			keys = append(keys, b.source("measurements", s))
		}
	}
	return keys
}

// zone adds the source of a carbon factor.
func (b *bibliography) zone(m *energy.Emission) []string {
	if m.Zone.Kind == "given" {
		return nil
	}
	return []string{b.source("carbon factor", m.Zone.Source)}
}

// source adds a repository, owner/name with or without what follows, or a text.
func (b *bibliography) source(what, s string) string {
	repo, _, _ := strings.Cut(s, ":")
	if owner, name, ok := strings.Cut(repo, "/"); ok && !strings.ContainsAny(repo, " ,") && !strings.Contains(name, "/") {
		return b.add("misc", bibKey(owner+" "+name), [2]string{"title", "{" + latexRunes(repo) + "}"},
			[2]string{"howpublished", `\url{https://github.com/` + repo + "}"}, [2]string{"note", what + ": " + latexRunes(s)})
	}
	return b.add("misc", bibKey(s), [2]string{"title", "{" + latexRunes(s) + "}"}, [2]string{"note", what})
}

// bibKey makes a key of the first words of a text.
func bibKey(s string) string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9') })
	return strings.Join(words[:min(4, len(words))], "-")
}

func citeJSON(w io.Writer, sentences []claim, works *bibliography) error {
	j := newJSONWriter(w, false)
	j.objectBlock()
	j.key("schema").str("onnxmeter.cite/1")
	j.key("sentences").arrayBlock()
	for _, s := range sentences {
		j.object()
		j.key("text").str(s.text)
		j.key("cites").strs(s.keys)
		j.end()
	}
	j.end()
	j.key("bibtex").str(works.bibtex())
	j.end()
	return j.finish()
}
