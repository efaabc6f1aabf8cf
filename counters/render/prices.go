package render

import (
	"bufio"
	"fmt"
)

// priceTable lists the steps along the front with what each costs more, and that for
// one unit of quality.
func (p *Pareto) priceTable(kind string) *table {
	quality := p.Set.Objectives[p.Prices.Quality].Name
	t := &table{head: []string{"from", "to", "gain of " + quality}, right: []bool{false, false, true}}
	for k, o := range p.Set.Objectives {
		if k != p.Prices.Quality {
			t.head = append(t.head, o.Name, o.Name+" for 1 of "+quality)
			t.right = append(t.right, true, true)
		}
	}
	if len(p.Prices.Limits) > 0 {
		t.head, t.right = append(t.head, "worth it"), append(t.right, false)
	}
	for i := range p.Prices.Steps {
		st := &p.Prices.Steps[i]
		row := []string{p.Set.Names[st.From], p.Set.Names[st.To], number(st.Gain)}
		for k := range p.Set.Objectives {
			if k != p.Prices.Quality {
				row = append(row, number(st.Costs[k]), number(st.Prices[k]))
			}
		}
		if len(p.Prices.Limits) > 0 {
			row = append(row, map[bool]string{true: "no", false: "yes"}[p.Prices.over(st)])
		}
		t.rows = append(t.rows, row)
	}
	return t
}

// stops says, for each limit, where to stop and what was spent past it.
func (p *Pareto) stops(b *bufio.Writer) {
	for _, l := range p.Prices.Limits {
		cost, quality := plain(p.Set.Objectives[l.Cost].Name), plain(p.Set.Objectives[p.Prices.Quality].Name)
		name := plain(p.Set.Names[l.Stop])
		fmt.Fprintf(b, "\nat %s of %s for 1 of %s the last improvement worth its price leads to %s\n", number(l.Price), cost, quality, name)
		if p.Prices.Curve {
			all := p.Set.Values[len(p.Set.Values)-1][l.Cost]
			fmt.Fprintf(b, "%s past it: %s of %s\n", cost, number(p.Prices.past(p.Set, l)), number(all))
		}
	}
}

func (j *jsonWriter) prices(p *Pareto) {
	j.key("price").objectBlock()
	j.key("quality").text(p.Set.Objectives[p.Prices.Quality].Name)
	j.key("steps").arrayBlock()
	for i := range p.Prices.Steps {
		st := &p.Prices.Steps[i]
		j.object()
		j.key("from").str(p.Set.Names[st.From])
		j.key("to").str(p.Set.Names[st.To])
		j.key("gain").float(st.Gain)
		j.key("costs").array()
		for k, o := range p.Set.Objectives {
			if k != p.Prices.Quality {
				j.object()
				j.key("objective").text(o.Name)
				j.key("cost").float(st.Costs[k])
				j.key("price").float(st.Prices[k])
				j.end()
			}
		}
		j.end()
		if len(p.Prices.Limits) > 0 {
			j.key("over").bool(p.Prices.over(st))
		}
		j.end()
	}
	j.end()
	j.key("worth").array()
	for _, l := range p.Prices.Limits {
		j.object()
		j.key("objective").text(p.Set.Objectives[l.Cost].Name)
		j.key("price").float(l.Price)
		j.key("stop").str(p.Set.Names[l.Stop])
		if p.Prices.Curve {
			j.key("past").float(p.Prices.past(p.Set, l))
		}
		j.end()
	}
	j.end()
	j.end()
}
