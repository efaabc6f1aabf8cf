package budget

import (
	"bytes"
	"math/big"
	"testing"
)

// TestDraftIsRead writes names that YAML or a pattern would take for something else;
// the configuration that is read again rules the models of just these names.
func TestDraftIsRead(t *testing.T) {
	keys := []string{"a.onnx", "a[1].onnx", "a*.onnx", "x?y.onnx", "{a,b}.onnx", "no", "12", "- a", "a: b", "#a", "é \"q\" 'p'.onnx", "a\tb", "a\nb", `back\slash`, "c:d", "~", "&a", "null", "a..b/c"}
	for _, growth := range []string{"+10 %", ""} {
		d := &Draft{HeadRoom: big.NewRat(1, 10), Growth: growth, Settings: []Setting{
			{Key: Key{Name: "dims", Kind: Sizes}, Name: "no: 1", Value: "3"}, {Key: Key{Name: "dims", Kind: Sizes}, Name: "n", Value: "4"},
			{Key: Key{Name: "gpu", Kind: Text}, Value: "12"}, {Key: Key{Name: "strict", Kind: Switch}, Value: "true"}}}
		for i, k := range keys {
			m := DraftModel{Key: k, Skip: "line\nbreak: # \"x\""}
			if i%2 == 0 {
				m.Measure = &Measure{Values: map[Rule]*big.Rat{MACs: big.NewRat(int64(i), 1), Energy: big.NewRat(1, 3)}}
			}
			d.Models = append(d.Models, m)
		}
		var b bytes.Buffer
		if err := d.Write(&b); err != nil {
			t.Fatalf("%v\n%s", err, b.String())
		}
		c := load(t, b.String())
		for i, k := range keys {
			if e := c.For(k); e != c.Models[i] {
				t.Errorf("%q does not take its entry in\n%s", k, b.String())
			} else if (e.Skip == "") != (i%2 == 0) || e.Skip != "" && e.Skip != d.Models[i].Skip {
				t.Errorf("%q: skip %q", k, e.Skip)
			}
		}
		if s := c.Defaults.Settings; len(s) != 4 || s[0].Name != "no: 1" || s[0].Value != "3" || s[2].Value != "12" {
			t.Errorf("settings %+v", s)
		}
	}
	all := &Draft{HeadRoom: new(big.Rat), Growth: "+0 %", Models: []DraftModel{{Key: "a", Skip: "b"}}}
	if err := all.Write(new(bytes.Buffer)); err != nil {
		t.Errorf("all are skipped: %v", err)
	}
}
