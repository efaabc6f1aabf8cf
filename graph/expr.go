package graph

import (
	"fmt"
	"math/big"
	"slices"
)

// The limits of an expression: a name in a file may look like one.
const (
	maxExprLen   = 4096
	maxExprDepth = 64
	maxExprPower = 16
	maxExprSize  = 1 << 14 // Dim.Size of any part
	maxExprList  = MaxRank
)

// Expr is a parsed expression over integers, names and lists of integers (shapes):
//
//	12   name   `any name`   a.b      numbers and names
//	+ - * / // ^ **                   / is exact; // rounds down; ^ takes a number up to 16
//	floor(x) ceil(x) mod(x, y) min(x, ...) max(x, ...)
//	s[0]   s[-1]   s[1:]   s[:-1]     elements and parts of lists
//	[x, y, ...]                       a list; a list in it is spliced in
//	prod(s) sum(s) rank(s) elements(s)   elements is prod, rank the number of elements
//
// Within floor and ceil a quotient is a fraction: floor((a + 1)/2 + b/3).
//
// ParseRealExpr reads the same syntax over real numbers; see there.
type Expr struct {
	src  string
	root *exprNode
}

type exprOp uint8

const (
	exprNumber exprOp = iota
	exprName          // of the scope, or a symbol
	exprQuoted        // a symbol whatever the scope
	exprNeg
	exprAdd
	exprSub
	exprMul
	exprDiv
	exprFloorDiv
	exprPow
	exprCall
	exprIndex // args: list, index
	exprSlice // args: list, from or nil, to or nil
	exprList
)

type exprNode struct {
	op   exprOp
	pos  int
	name string
	num  Dim
	real float64 // of a number of a real expression
	args []*exprNode
}

// exprFunc is a function: how many arguments it takes (most < 0: any number) and
// of what they are.
type exprFunc struct {
	least, most int
	of          exprDomain
}

type exprDomain uint8

const (
	ofNumbers exprDomain = iota // whole or real ones
	ofLists                     // lists of whole numbers
	ofReals                     // real numbers only
)

var exprFuncs = map[string]exprFunc{
	"floor": {1, 1, ofNumbers}, "ceil": {1, 1, ofNumbers}, "mod": {2, 2, ofNumbers}, "min": {1, -1, ofNumbers}, "max": {1, -1, ofNumbers},
	"prod": {1, 1, ofLists}, "sum": {1, 1, ofLists}, "rank": {1, 1, ofLists}, "elements": {1, 1, ofLists},
	"log10": {1, 1, ofReals}, "log2": {1, 1, ofReals}, "log": {1, 1, ofReals}, "exp": {1, 1, ofReals}, "sqrt": {1, 1, ofReals}, "abs": {1, 1, ofReals},
}

// exprAliases are other spellings, of computer algebra in names of dims.
var exprAliases = map[string]string{"Min": "min", "Max": "max", "Mod": "mod"}

// ExprError says what is wrong with an expression and where: Pos counts bytes from 0.
type ExprError struct {
	Src  string
	Pos  int
	What string
}

func (e *ExprError) Error() string { return fmt.Sprintf("%s: %s at %d", Quote(e.Src), e.What, e.Pos) }

// ParseExpr parses an expression, or several with commas between them: a list.
func ParseExpr(s string) (e *Expr, err error) { return (&exprParser{s: s}).parse() }

// ParseRealExpr parses an expression over real numbers, for Expr.Real. What differs:
//
//	0.5   1e-3                        numbers may have a fraction and an exponent
//	x / y                             is a quotient, x ^ y takes any power
//	log10(x) log2(x) log(x) exp(x) sqrt(x) abs(x)   log is the natural logarithm
//	`any name`                        is of the scope, as names are
//	no lists, and no functions of lists
func ParseRealExpr(s string) (e *Expr, err error) { return (&exprParser{s: s, real: true}).parse() }

// Items returns the elements of a list as expressions, or e itself if it is none.
func (e *Expr) Items() []*Expr {
	if e.root.op != exprList {
		return []*Expr{e}
	}
	out := make([]*Expr, len(e.root.args))
	for i, a := range e.root.args {
		out[i] = &Expr{e.src, a}
	}
	return out
}

// IsElement reports whether the expression is no list, whatever its names stand for.
func (e *Expr) IsElement() bool {
	return e.root.op != exprName && e.root.op != exprSlice && e.root.op != exprList
}

// String returns the source.
func (e *Expr) String() string { return e.src }

// Names calls f for every name in the expression that stands for a value of the scope.
func (e *Expr) Names(f func(name string, pos int)) { e.root.names(f) }

func (n *exprNode) names(f func(string, int)) {
	if n == nil {
		return
	}
	if n.op == exprName {
		f(n.name, n.pos)
	}
	for _, a := range n.args {
		a.names(f)
	}
}

type exprParser struct {
	s     string
	pos   int
	depth int
	real  bool
}

func (p *exprParser) parse() (e *Expr, err error) {
	defer p.rescue(&err)
	root := p.scan()
	return &Expr{p.s, root}, nil
}

// rescue turns a failure into an error.
func (p *exprParser) rescue(err *error) {
	switch e := recover().(type) {
	case nil:
	case *ExprError:
		e.Src = p.s
		*err = e
	default:
		panic(e)
	}
}

func (p *exprParser) fail(format string, args ...any) {
	panic(&ExprError{Pos: p.pos, What: fmt.Sprintf(format, args...)})
}

// scan reads the whole source.
func (p *exprParser) scan() *exprNode {
	if len(p.s) > maxExprLen {
		p.s = Clip(p.s)
		p.fail("an expression of more than %d bytes", maxExprLen)
	}
	n := p.sum()
	if p.peek() == ',' && !p.real {
		n = &exprNode{op: exprList, args: p.more(n)}
	}
	if p.peek() != 0 {
		p.fail("unexpected %s", p.next())
	}
	return n
}

// more reads the elements after the first.
func (p *exprParser) more(first *exprNode) []*exprNode {
	args := []*exprNode{first}
	for p.take(",") {
		args = append(args, p.sum())
	}
	return args
}

// peek returns the next character that is no space, 0 at the end.
func (p *exprParser) peek() byte {
	for p.pos < len(p.s) && (p.s[p.pos] == ' ' || p.s[p.pos] == '\t' || p.s[p.pos] == '\n') {
		p.pos++
	}
	if p.pos == len(p.s) {
		return 0
	}
	return p.s[p.pos]
}

// next words what stands at the position.
func (p *exprParser) next() string {
	if p.peek() == 0 {
		return "end"
	}
	return fmt.Sprintf("%q", p.s[p.pos:p.pos+1])
}

// take consumes a token if it is next.
func (p *exprParser) take(tok string) bool {
	p.peek()
	if len(p.s)-p.pos < len(tok) || p.s[p.pos:p.pos+len(tok)] != tok {
		return false
	}
	p.pos += len(tok)
	return true
}

func (p *exprParser) expect(tok string) {
	if !p.take(tok) {
		p.fail("%s where %q is expected", p.next(), tok)
	}
}

func (p *exprParser) sum() *exprNode {
	if p.depth++; p.depth > maxExprDepth {
		p.fail("nested more than %d deep", maxExprDepth)
	}
	defer func() { p.depth-- }()
	n := p.product()
	for {
		pos := p.pos
		switch {
		case p.take("+"):
			n = &exprNode{op: exprAdd, pos: pos, args: []*exprNode{n, p.product()}}
		case p.take("-"):
			n = &exprNode{op: exprSub, pos: pos, args: []*exprNode{n, p.product()}}
		default:
			return n
		}
	}
}

func (p *exprParser) product() *exprNode {
	n := p.factor()
	for {
		pos, op := p.pos, exprMul
		switch {
		case p.take("*"):
		case p.take("//"):
			op = exprFloorDiv
		case p.take("/"):
			op = exprDiv
		default:
			return n
		}
		n = &exprNode{op: op, pos: pos, args: []*exprNode{n, p.factor()}}
	}
}

// factor reads a power with its sign: as in Python a minus binds before * and //.
func (p *exprParser) factor() *exprNode {
	p.peek()
	if pos := p.pos; p.take("-") {
		return &exprNode{op: exprNeg, pos: pos, args: []*exprNode{p.power()}}
	}
	return p.power()
}

func (p *exprParser) power() *exprNode {
	n := p.postfix()
	pos := p.pos
	if p.take("^") || p.take("**") {
		n = &exprNode{op: exprPow, pos: pos, args: []*exprNode{n, p.postfix()}}
	}
	return n
}

// postfix reads an operand with indices and slices after it.
func (p *exprParser) postfix() *exprNode {
	n := p.operand()
	for p.peek() == '[' && !p.real {
		pos := p.pos
		p.pos++
		var from, to *exprNode
		if p.peek() != ':' {
			from = p.sum()
		}
		if !p.take(":") {
			n = &exprNode{op: exprIndex, pos: pos, args: []*exprNode{n, from}}
		} else {
			if p.peek() != ']' {
				to = p.sum()
			}
			n = &exprNode{op: exprSlice, pos: pos, args: []*exprNode{n, from, to}}
		}
		p.expect("]")
	}
	return n
}

func (p *exprParser) operand() *exprNode {
	c := p.peek()
	pos := p.pos
	switch {
	case c == '(':
		p.pos++
		n := p.sum()
		p.expect(")")
		return n
	case c == '[' && !p.real:
		p.pos++
		n := &exprNode{op: exprList, pos: pos}
		if p.peek() != ']' {
			n.args = p.more(p.sum())
		}
		p.expect("]")
		return n
	case p.real && (c == '.' || isDigit(c)):
		return &exprNode{op: exprNumber, pos: pos, real: p.decimal()}
	case isDigit(c):
		return &exprNode{op: exprNumber, pos: pos, num: p.number()}
	case c == '`':
		p.pos++
		for p.pos < len(p.s) && p.s[p.pos] != '`' {
			p.pos++
		}
		name := p.s[pos+1 : p.pos]
		p.expect("`")
		if p.real {
			return &exprNode{op: exprName, pos: pos, name: name}
		}
		return &exprNode{op: exprQuoted, pos: pos, name: name}
	}
	for p.pos < len(p.s) && isIdent(p.s[pos:p.pos+1]) {
		p.pos++
	}
	name := p.s[pos:p.pos]
	if name == "" {
		p.fail("%s where a number or a name is expected", p.next())
	}
	if p.pos < len(p.s) && p.s[p.pos] == '(' {
		return p.call(name, pos)
	}
	return &exprNode{op: exprName, pos: pos, name: name}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// digits consumes decimal digits.
func (p *exprParser) digits() {
	for p.pos < len(p.s) && isDigit(p.s[p.pos]) {
		p.pos++
	}
}

func (p *exprParser) number() Dim {
	from := p.pos
	p.digits()
	b, _ := new(big.Int).SetString(p.s[from:p.pos], 10)
	if p.pos < len(p.s) && (p.s[p.pos] == '.' || isIdent(p.s[p.pos:p.pos+1])) {
		p.fail("%s after a number (expected an operator; numbers are integers)", p.next())
	}
	return BigInt(b)
}

// function returns the function of a name, if this kind of expression has it.
func (p *exprParser) function(name string) (f exprFunc, ok bool) {
	f, ok = exprFuncs[name]
	return f, ok && (f.of == ofNumbers || p.real == (f.of == ofReals))
}

// call reads the arguments of a function.
func (p *exprParser) call(name string, pos int) *exprNode {
	if a, ok := exprAliases[name]; ok {
		name = a
	}
	f, ok := p.function(name)
	if !ok {
		p.pos = pos
		known := slices.DeleteFunc(sortedNames(exprFuncs), func(n string) bool { _, ok := p.function(n); return !ok })
		p.fail("unknown function %q%s", Clip(name), DidYouMean(name, known))
	}
	p.pos++
	n := &exprNode{op: exprCall, pos: pos, name: name, args: p.more(p.sum())}
	p.expect(")")
	if k := len(n.args); k < f.least || f.most >= 0 && k > f.most {
		p.pos = pos
		p.fail("%s with %d arguments (expected %d)", name, k, f.least)
	}
	return n
}
