package graph

import (
	"math"
	"math/big"
	"math/bits"
)

// num is an exact integer: an int64 as long as it fits, a big.Int beyond. The
// big.Int is never changed after it is made.
type num struct {
	k int64
	b *big.Int // nil: the value is k
}

func (a num) big() *big.Int {
	if a.b != nil {
		return a.b
	}
	return big.NewInt(a.k)
}

// norm returns the num of b, narrow if it fits.
func norm(b *big.Int) num {
	if b.IsInt64() {
		return num{k: b.Int64()}
	}
	return num{b: b}
}

func (a num) add(c num) num {
	if a.b == nil && c.b == nil {
		if s := a.k + c.k; (s > a.k) == (c.k > 0) {
			return num{k: s}
		}
	}
	return norm(new(big.Int).Add(a.big(), c.big()))
}

func (a num) neg() num {
	if a.b == nil && a.k != math.MinInt64 {
		return num{k: -a.k}
	}
	return norm(new(big.Int).Neg(a.big()))
}

func (a num) mul(c num) num {
	if a.b == nil && c.b == nil {
		if p, ok := mul64(a.k, c.k); ok {
			return num{k: p}
		}
	}
	return norm(new(big.Int).Mul(a.big(), c.big()))
}

// mul64 multiplies and reports whether the product fits.
func mul64(a, c int64) (int64, bool) {
	hi, lo := bits.Mul64(abs64(a), abs64(c))
	neg := (a < 0) != (c < 0)
	if hi != 0 || lo > 1<<63 || (lo == 1<<63 && !neg) {
		return 0, false
	}
	if neg {
		return -int64(lo), true
	}
	return int64(lo), true
}

func abs64(a int64) uint64 {
	if a < 0 {
		return -uint64(a)
	}
	return uint64(a)
}

// divMod divides rounding toward minus infinity; c must not be zero. The
// remainder has the sign of c.
func (a num) divMod(c num) (q, r num) {
	if a.b == nil && c.b == nil && a.k != math.MinInt64 {
		qk, rk := a.k/c.k, a.k%c.k
		if rk != 0 && (rk < 0) != (c.k < 0) {
			qk, rk = qk-1, rk+c.k
		}
		return num{k: qk}, num{k: rk}
	}
	qb, rb := new(big.Int).QuoRem(a.big(), c.big(), new(big.Int))
	if rb.Sign() != 0 && rb.Sign() != c.sign() {
		qb.Sub(qb, big.NewInt(1))
		rb.Add(rb, c.big())
	}
	return norm(qb), norm(rb)
}

func (a num) sign() int {
	if a.b != nil {
		return a.b.Sign()
	}
	switch {
	case a.k < 0:
		return -1
	case a.k > 0:
		return 1
	}
	return 0
}

func (a num) cmp(c num) int {
	if a.b == nil && c.b == nil {
		switch {
		case a.k < c.k:
			return -1
		case a.k > c.k:
			return 1
		}
		return 0
	}
	return a.big().Cmp(c.big())
}

func (a num) isZero() bool { return a.b == nil && a.k == 0 }
func (a num) isOne() bool  { return a.b == nil && a.k == 1 }

func (a num) String() string { return a.big().String() }
