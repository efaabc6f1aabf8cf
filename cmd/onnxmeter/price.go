package main

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters/render"
	"github.com/onnxmeter/onnxmeter/counters/tradeoff"
)

// priceFlags ask what a step along the front costs.
type priceFlags struct {
	price   bool
	quality string
	worths  []string
	curve   string

	bought int // objective that is the quality
	limits []tradeoff.Worth
}

// The readings of the costs of a training curve.
const (
	curveTotal = "total"
	curveEpoch = "epoch"
)

var curveKinds = []string{curveTotal, curveEpoch}

func (p *priceFlags) register(f *pflag.FlagSet) {
	f.BoolVar(&p.price, "price", false, "print what one more unit of quality costs at each step along the front")
	f.StringVar(&p.quality, "quality", "", "the `OBJECTIVE` that is bought (default the only --max)")
	f.Var((*list)(&p.worths), "worth", "the most to pay, `AMOUNT/GAIN` such as 0.5kWh/0.01, or OBJECTIVE:AMOUNT/GAIN; repeatable; implies --price")
	f.StringVar(&p.curve, "curve", "", "rows are one training in order, costs `K`: total (spent so far) or epoch (of that row alone); implies --price")
}

// check finds what is bought and reads the limits.
func (p *priceFlags) check(objectives []tradeoff.Objective) error {
	if p.curve != "" && !slices.Contains(curveKinds, p.curve) {
		return unknownName("--curve", p.curve, curveKinds)
	}
	p.price = p.price || len(p.worths) > 0 || p.curve != ""
	if !p.price {
		if p.quality != "" {
			return usagef("--quality needs --price or --worth")
		}
		return nil
	}
	if len(objectives) < 2 {
		return usagef("a price needs a cost and a quality (expected two objectives or more)")
	}
	if err := p.findQuality(objectives); err != nil {
		return err
	}
	for _, s := range p.worths {
		w, err := tradeoff.ParseWorth(s)
		if err != nil {
			return usagef("--worth %v", err)
		}
		p.limits = append(p.limits, w)
	}
	return nil
}

func (p *priceFlags) findQuality(objectives []tradeoff.Objective) error {
	var names, most []string
	for _, o := range objectives {
		names = append(names, o.Name)
		if o.Max {
			most = append(most, o.Name)
		}
	}
	if p.quality == "" {
		if len(most) != 1 {
			return usagef("%d objectives are maximised: say with --quality which one is bought (%s)", len(most), orList(names))
		}
		p.quality = most[0]
	}
	if p.bought = slices.Index(names, p.quality); p.bought < 0 {
		return unknownName("--quality", p.quality, names)
	}
	return nil
}

// prices answers the questions of the flags, nil if there are none.
func (a *app) prices(p *priceFlags, t *tradeoff.Table, s *tradeoff.Set) (*render.Prices, error) {
	if !p.price {
		return nil, nil
	}
	if err := p.order(t, s); err != nil {
		return nil, err
	}
	out := &render.Prices{Quality: p.bought, Steps: s.Steps(p.bought), Curve: p.curve != ""}
	for _, w := range p.limits {
		l, err := a.limit(p, w, t, s)
		if err != nil {
			return nil, err
		}
		out.Limits = append(out.Limits, l)
	}
	return out, nil
}

// order holds the costs of a curve to what was spent so far.
func (p *priceFlags) order(t *tradeoff.Table, s *tradeoff.Set) error {
	if p.curve == "" {
		return nil
	}
	for k, o := range s.Objectives {
		if k == p.bought {
			continue
		}
		if o.Max {
			return usagef("--curve: %s is a cost that is maximised", o.Name)
		}
		if p.curve == curveEpoch {
			s.Cumulate(k)
		}
		if i := s.Falls(k); i >= 0 {
			return inputErrorf(t.File, "%s falls at row %q: it is not what was spent so far (--curve epoch adds up what each row took)", o.Name, s.Names[i])
		}
	}
	return nil
}

// limit finds the cost that a price is of, and expresses it in the units of the table.
func (a *app) limit(p *priceFlags, w tradeoff.Worth, t *tradeoff.Table, s *tradeoff.Set) (render.Limit, error) {
	var fits []int
	var prices []float64
	var assumed []string
	for k, o := range s.Objectives {
		if k == p.bought || w.Cost != "" && w.Cost != o.Name {
			continue
		}
		if price, unit, ok := w.Per(t.Unit(o.Name)); ok {
			fits, prices, assumed = append(fits, k), append(prices, price), append(assumed, unit)
		}
	}
	if len(fits) != 1 {
		return render.Limit{}, usagef("--worth fits %d of the costs %s (expected one: OBJECTIVE:AMOUNT/GAIN, in a unit of what it measures)", len(fits), costNames(p, s))
	}
	k := fits[0]
	if assumed[0] != "" {
		a.note("%s is taken to be in %s", s.Objectives[k].Name, assumed[0])
	}
	return render.Limit{Cost: k, Price: prices[0], Stop: s.BestBuy(k, p.bought, prices[0])}, nil
}

func costNames(p *priceFlags, s *tradeoff.Set) string {
	var names []string
	for k, o := range s.Objectives {
		if k != p.bought {
			names = append(names, o.Name)
		}
	}
	return strings.Join(names, ", ")
}
