package counters

import "fmt"

// Pattern is the order of the zeros of a weight along its reduction axis.
type Pattern struct {
	// Blocks4 are the aligned blocks of four weights that one output takes from four
	// neighbouring inputs, Present4 those that are not all zero.
	Blocks4, Present4 int64
	// NM is "N:M" for the smallest M of 4, 8 and 16 of which no aligned group has more
	// than N of M weights present, N at most half of M; "" for none. 2:4 is what sparse
	// tensor cores take.
	NM string
}

// groupSizes are the M of N:M that are looked for; the first is that of blocks.
var groupSizes = [...]int{4, 8, 16}

// maxPatternColumns bounds the memory of a pattern: one counter a column and size.
const maxPatternColumns = 1 << 22

// zeroCounter counts the elements that are present, in row-major order.
type zeroCounter struct {
	present int64

	inner, length int64 // columns after the axis, and its own size; inner 0: no pattern
	column, row   int64
	groups        [len(groupSizes)][]uint8 // present in the open group of each column
	most          [len(groupSizes)]uint8
	blocks        Pattern
}

// newZeroCounter counts a tensor; axis -1 looks for no pattern.
func newZeroCounter(dims []int64, axis int) *zeroCounter {
	z := &zeroCounter{}
	if axis < 0 || axis >= len(dims) {
		return z
	}
	inner := int64(1)
	for _, d := range dims[axis+1:] {
		if inner *= max(d, 1); inner > maxPatternColumns {
			return z
		}
	}
	z.inner, z.length = inner, dims[axis]
	for i := range z.groups {
		z.groups[i] = make([]uint8, inner)
	}
	return z
}

// add takes the next element.
func (z *zeroCounter) add(present bool) {
	if present {
		z.present++
	}
	if z.inner == 0 {
		return
	}
	if present {
		for i := range z.groups {
			z.groups[i][z.column]++
		}
	}
	if z.column++; z.column == z.inner {
		z.column = 0
		z.row++
		z.endRow()
	}
}

// endRow closes the groups that end after the row.
func (z *zeroCounter) endRow() {
	last := z.row == z.length
	for i, size := range groupSizes {
		if !last && z.row%int64(size) != 0 {
			continue
		}
		for _, n := range z.groups[i] {
			z.most[i] = max(z.most[i], n)
			if i == 0 {
				z.blocks.Blocks4++
				if n > 0 {
					z.blocks.Present4++
				}
			}
		}
		clear(z.groups[i])
	}
	if last {
		z.row = 0
	}
}

// pattern is nil where no order was looked for.
func (z *zeroCounter) pattern() *Pattern {
	if z.inner == 0 {
		return nil
	}
	p := z.blocks
	for i, size := range groupSizes {
		if n := int(z.most[i]); n <= size/2 && z.length >= int64(size) {
			p.NM = fmt.Sprintf("%d:%d", n, size)
			break
		}
	}
	return &p
}
