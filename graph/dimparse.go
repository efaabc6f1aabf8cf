package graph

import (
	"fmt"
	"math/big"
)

// The limits of a parsed expression: a name in a file may look like one.
const (
	maxExprLen   = 4096
	maxExprDepth = 64
	maxExprPower = 16
	maxExprSize  = 1 << 14 // Dim.Size of any part
)

// ParseDim is the inverse of Dim.String, and reads what exporters write as the
// name of a dim: sums and products of numbers and names, ^ or ** with a number,
// // (floor division), floor(a/b), ceil(a/b), mod(a, b), min(...), max(...), and a
// name that is no identifier in backquotes. A plain / must divide exactly.
func ParseDim(s string) (d Dim, err error) {
	if len(s) > maxExprLen {
		return Dim{}, fmt.Errorf("expression of %d bytes", len(s))
	}
	p := &dimParser{s: s}
	defer func() {
		switch e := recover().(type) {
		case nil:
		case exprError:
			d, err = Dim{}, fmt.Errorf("%s: %s at %d", Quote(s), string(e), p.pos)
		default:
			panic(e)
		}
	}()
	d = p.sum()
	if p.peek() != 0 {
		p.fail("unexpected character")
	}
	return d, nil
}

type dimParser struct {
	s     string
	pos   int
	depth int
	floor int // the depth at which a / belongs to floor or ceil
}

type exprError string

func (p *dimParser) fail(what string) { panic(exprError(what)) }

// peek returns the next character that is no space, 0 at the end.
func (p *dimParser) peek() byte {
	for p.pos < len(p.s) && p.s[p.pos] == ' ' {
		p.pos++
	}
	if p.pos == len(p.s) {
		return 0
	}
	return p.s[p.pos]
}

// take consumes a token if it is next.
func (p *dimParser) take(tok string) bool {
	p.peek()
	if len(p.s)-p.pos < len(tok) || p.s[p.pos:p.pos+len(tok)] != tok {
		return false
	}
	p.pos += len(tok)
	return true
}

func (p *dimParser) expect(tok string) {
	if !p.take(tok) {
		p.fail("no " + tok)
	}
}

func (p *dimParser) sized(d Dim) Dim {
	if d.Size() > maxExprSize {
		p.fail("too large an expression")
	}
	return d
}

func (p *dimParser) sum() Dim {
	if p.depth++; p.depth > maxExprDepth {
		p.fail("too deep")
	}
	defer func() { p.depth-- }()
	neg := p.take("-")
	d := p.product()
	if neg {
		d = d.Neg()
	}
	for {
		switch {
		case p.take("+"):
			d = p.sized(d.Add(p.product()))
		case p.take("-"):
			d = p.sized(d.Sub(p.product()))
		default:
			return d
		}
	}
}

func (p *dimParser) product() Dim {
	d := p.power()
	for {
		switch {
		case p.take("*"):
			d = p.sized(d.Mul(p.power()))
		case p.take("//"):
			d = p.quotient(d, p.power())
		case p.peek() == '/' && p.depth != p.floor:
			p.pos++
			e := p.power()
			q := p.quotient(d, e)
			if !q.Mul(e).Equal(d) {
				p.fail("a division with a remainder")
			}
			d = q
		default:
			return d
		}
	}
}

func (p *dimParser) quotient(d, e Dim) Dim {
	q, ok := d.FloorDiv(e)
	if !ok {
		p.fail("a division by zero")
	}
	return p.sized(q)
}

func (p *dimParser) power() Dim {
	d := p.operand()
	if !p.take("^") && !p.take("**") {
		return d
	}
	k, ok := p.number().Const()
	if !ok || k > maxExprPower {
		p.fail("too large a power")
	}
	out := Int(1)
	for range k {
		out = p.sized(out.Mul(d))
	}
	return out
}

func (p *dimParser) operand() Dim {
	switch c := p.peek(); {
	case c == '(':
		p.pos++
		d := p.sum()
		p.expect(")")
		return d
	case c >= '0' && c <= '9':
		return p.number()
	case c == '`':
		p.pos++
		from := p.pos
		for p.pos < len(p.s) && p.s[p.pos] != '`' {
			p.pos++
		}
		name := p.s[from:p.pos]
		p.expect("`")
		return Sym(name)
	}
	from := p.pos
	for p.pos < len(p.s) && isIdent(p.s[from:p.pos+1]) {
		p.pos++
	}
	name := p.s[from:p.pos]
	if name == "" {
		p.fail("unexpected character")
	}
	if p.pos < len(p.s) && p.s[p.pos] == '(' {
		p.pos++
		return p.call(name)
	}
	return Sym(name)
}

func (p *dimParser) number() Dim {
	p.peek()
	from := p.pos
	for p.pos < len(p.s) && p.s[p.pos] >= '0' && p.s[p.pos] <= '9' {
		p.pos++
	}
	b, ok := new(big.Int).SetString(p.s[from:p.pos], 10)
	if !ok {
		p.fail("no number")
	}
	return BigInt(b)
}

// call reads the arguments of a function and applies it.
func (p *dimParser) call(name string) Dim {
	switch name {
	case "floor", "ceil":
		outer := p.floor
		p.floor = p.depth + 1
		d := p.sum()
		p.floor = outer
		if p.take("/") {
			e := p.power()
			if e.IsZero() {
				p.fail("a division by zero")
			}
			if name == "ceil" {
				d = p.sized(d.CeilDiv(e))
			} else {
				d = p.quotient(d, e)
			}
		}
		p.expect(")")
		return d
	case "min", "Min", "max", "Max", "mod", "Mod":
		return p.sized(p.apply(name[1:], p.args()))
	}
	p.fail("an unknown function")
	return Dim{}
}

func (p *dimParser) args() []Dim {
	outer := p.floor
	p.floor = 0
	ds := []Dim{p.sum()}
	for p.take(",") {
		ds = append(ds, p.sum())
	}
	p.floor = outer
	p.expect(")")
	return ds
}

func (p *dimParser) apply(name string, ds []Dim) Dim {
	if name == "od" {
		if len(ds) != 2 {
			p.fail("mod takes two arguments")
		}
		m, ok := ds[0].Mod(ds[1])
		if !ok {
			p.fail("a division by zero")
		}
		return m
	}
	d := ds[0]
	for _, e := range ds[1:] {
		if name == "in" {
			d = d.Min(e)
		} else {
			d = d.Max(e)
		}
	}
	return d
}
