package ops

import (
	"fmt"
	"math"
	"math/rand"
	"slices"
	"strings"
	"testing"
)

// The loops of this file read images at places between their elements, as ONNX
// Operators.md reads.

// keys are the four weights of cubic interpolation around a place, a fraction past the
// second one (R. G. Keys, doi 10.1109/TASSP.1981.1163711, equation 4).
func (m *meter) keys(x float64) []float64 {
	const a = -0.75
	far := func(d float64) float64 {
		v := m.sub(m.mul(a, d), 5*a)
		v = m.add(m.mul(v, d), 8*a)
		return m.sub(m.mul(v, d), 4*a)
	}
	nearby := func(d float64) float64 {
		v := m.sub(m.mul(a+2, d), a+3)
		return m.add(m.mul(m.mul(v, d), d), 1)
	}
	return []float64{far(m.add(x, 1)), nearby(x), nearby(m.sub(1, x)), far(m.sub(2, x))}
}

// cubic is linear with four elements.
func (m *meter) cubic(place float64) (base int, weights []float64) {
	low := m.do(math.Floor(place))
	return int(low) - 1, m.keys(m.sub(place, low))
}

// pixel maps a coordinate in [-1, 1] to a place among n elements.
func (m *meter) pixel(v float64, n int, corners bool) float64 {
	if corners {
		return m.mul(m.div(m.add(v, 1), 2), float64(n-1))
	}
	return m.div(m.sub(m.mul(m.add(v, 1), float64(n)), 1), 2)
}

// gridSample reads x at the places of a grid; weights is nil for the nearest element.
func (m *meter) gridSample(x, grid tensor, corners bool, weights func(place float64) (int, []float64)) tensor {
	axes := len(x.dims) - 2
	out := grid.dims[1 : axes+1]
	y := zeros(append(slices.Clone(x.dims[:2]), out...)...)
	odometer(append([]int{x.dims[0]}, out...), func(at []int) {
		base, w := make([]int, axes), make([][]float64, 0, axes)
		for i := range axes { // the last coordinate is that of the first axis
			p := m.pixel(grid.get(append(slices.Clone(at), axes-1-i)...), x.dims[2+i], corners)
			if weights == nil {
				base[i] = int(m.round(p))
				continue
			}
			b, ws := weights(p)
			base[i], w = b, append(w, ws)
		}
		for c := range x.dims[1] {
			read := func(idx []int) float64 { return x.get(append([]int{at[0], c}, idx...)...) }
			v := 0.0
			if weights == nil {
				v = read(base)
			} else {
				v = m.interpolate(read, base, w)
			}
			y.set(v, append([]int{at[0], c}, at[1:]...)...)
		}
	})
	return y
}

func TestGridSampleByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(41))
	for _, mode := range []string{"nearest", "linear", "cubic"} {
		for _, corners := range []bool{false, true} {
			for _, image := range [][]int{{2, 3, 4, 5}, {1, 1, 3, 3}, {2, 2, 3, 2, 4}} {
				axes := len(image) - 2
				x := randomTensor(r, image...)
				grid := zeros(append(append([]int{image[0]}, image[2:]...), axes)...)
				odometer(grid.dims, func(at []int) {
					i := axes - 1 - at[len(at)-1]
					grid.set(2*float64(at[1+i])/float64(image[2+i]-1)-1, at...)
				})
				var m meter
				weights := map[string]func(float64) (int, []float64){"linear": m.linear, "cubic": m.cubic}[mode]
				y := m.gridSample(x, grid, corners, weights)
				if corners {
					near(t, mode+" at the elements themselves", y.v, x.v)
				}
				attrs := fmt.Sprintf("mode=%s align_corners=%v", mode, boolean(corners))
				m.wants(t, "GridSample "+attrs, costAt(t, "GridSample", attrs, "f32", x.as("f32"), grid.as("f32")), nil)
				if axes == 2 {
					attrs = strings.NewReplacer("linear", "bilinear", "cubic", "bicubic").Replace(attrs)
					m.wants(t, "GridSample-16 "+attrs, costAt(t, "GridSample-16", attrs, "f32", x.as("f32"), grid.as("f32")), nil)
				}
			}
		}
	}
}

// kernelOf is the filter of a mode, at a distance.
func kernelOf(mode string) (half float64, f func(d float64) float64) {
	if mode == "linear" {
		return 1, func(d float64) float64 { return math.Max(0, 1-math.Abs(d)) }
	}
	return 2, func(d float64) float64 {
		d = math.Abs(d)
		whole, fraction := math.Modf(d)
		return append((&meter{}).keys(fraction)[1:2:2], (&meter{}).keys(fraction)[0], 0)[int(whole)]
	}
}

// around are the elements and weights of a place for half_pixel coordinates. They
// depend on sizes only, so that finding them is not work of the operator.
func around(i, in, out int, mode string, antialias bool) (base int, weights []float64) {
	half, f := kernelOf(mode)
	scale := 1.0
	if antialias {
		scale = math.Min(1, float64(out)/float64(in))
	}
	place := (float64(i)+0.5)*float64(in)/float64(out) - 0.5
	base = int(math.Floor(place)) - int(half) + 1
	last := base + int(2*half) - 1
	if scale < 1 { // what lies within the widened filter
		base = int(math.Floor(place-half/scale)) + 1
		last = int(math.Ceil(place+half/scale)) - 1
	}
	total := 0.0
	for k := base; k <= last; k++ {
		weights = append(weights, f((float64(k)-place)*scale))
		total += weights[len(weights)-1]
	}
	return base, each1(weights, func(w float64) float64 { return w / total })
}

// resize interpolates the axes that change; elements beyond the border are those on it.
func (m *meter) resize(x tensor, out []int, mode string, antialias bool) tensor {
	y := zeros(out...)
	odometer(out, func(at []int) {
		var axes, base []int
		var weights [][]float64
		for i := range out {
			if out[i] != x.dims[i] {
				b, w := around(at[i], x.dims[i], out[i], mode, antialias)
				axes, base, weights = append(axes, i), append(base, b), append(weights, w)
			}
		}
		y.set(m.interpolate(func(idx []int) float64 {
			place := slices.Clone(at)
			for j, i := range axes {
				place[i] = min(max(idx[j], 0), x.dims[i]-1)
			}
			return x.get(place...)
		}, base, weights), at...)
	})
	return y
}

func TestResizeByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(42))
	for range 60 {
		in, out := []int{1, 2, 1 + r.Intn(6), 1 + r.Intn(6)}, []int{1, 2, 1 + r.Intn(6), 1 + r.Intn(6)}
		mode, antialias := []string{"linear", "cubic"}[r.Intn(2)], r.Intn(2) == 0
		x := randomTensor(r, in...)
		var m meter
		y := m.resize(fill(func() float64 { return 3 }, in...), out, mode, antialias)
		near(t, "an even image", y.v, fill(func() float64 { return 3 }, out...).v)
		sizes := fmt.Sprintf("i64[4]={%d,%d,%d,%d}", out[0], out[1], out[2], out[3])
		what := fmt.Sprint(mode, in, out, antialias)
		cost := costAt(t, "Resize", fmt.Sprintf("mode=%s antialias=%v", mode, boolean(antialias)), "f32", x.as("f32"), "_", "_", sizes)
		if antialias {
			m.within(t, "Resize "+what, cost, nil)
		} else {
			m.wants(t, "Resize "+what, cost, nil)
		}
	}
	for mode, taps := range map[string]int{"linear": 4, "cubic": 8} { // twice as wide where the size halves
		var m meter
		if _, w := around(1, 8, 4, mode, true); len(w) != taps {
			t.Errorf("%s: %d taps, want %d", mode, len(w), taps)
		}
		m.resize(randomTensor(r, 1, 1, 8, 8), []int{1, 1, 4, 4}, mode, true)
		m.wants(t, "halved", costAt(t, "Resize", "antialias=1 mode="+mode, "f32", "f32[1,1,8,8]", "_", "_", "i64[4]={1,1,4,4}"), nil)
	}
}

func TestUpsampleByDoing(t *testing.T) {
	for _, mode := range []string{"nearest", "linear"} {
		var m meter
		if mode == "linear" {
			m.resize(randomTensor(rand.New(rand.NewSource(43)), 1, 2, 3, 4), []int{1, 2, 6, 12}, mode, false)
		}
		m.wants(t, "Upsample "+mode, costAt(t, "Upsample-9", "mode="+mode, "f32", "f32[1,2,3,4]", "f32[4]={1,1,2,3}"), nil)
		m.wants(t, "Resize "+mode, costAt(t, "Resize", "mode="+mode, "f32", "f32[1,2,3,4]", "_", "f32[4]={1,1,2,3}"), nil)
	}
}

// roiAlign pools points of each cell of a region [x1, y1, x2, y2]. Points and weights
// are shared by the channels and not counted.
func (m *meter) roiAlign(x, rois tensor, height, width int, ratio [2]int, pool func([]float64) float64) tensor {
	y := zeros(rois.dims[0], x.dims[1], height, width)
	odometer(y.dims, func(at []int) {
		roi := rois.rows()[at[0]]
		var points []float64
		odometer(ratio[:], func(k []int) {
			line := func(from, to float64, cell, cells, k, points int) (int, float64) {
				p := from - 0.5 + (to-from)/float64(cells)*(float64(cell)+(float64(k)+0.5)/float64(points))
				p = math.Max(p, 0)
				low := math.Floor(p)
				return int(low), p - low
			}
			row, fy := line(roi[1], roi[3], at[2], height, k[0], ratio[0])
			col, fx := line(roi[0], roi[2], at[3], width, k[1], ratio[1])
			v := 0.0
			for i, w := range []float64{(1 - fy) * (1 - fx), (1 - fy) * fx, fy * (1 - fx), fy * fx} {
				part := m.mul(w, x.get(0, at[1], min(row+i/2, x.dims[2]-1), min(col+i%2, x.dims[3]-1)))
				if i == 0 {
					v = part
				} else {
					v = m.add(v, part)
				}
			}
			points = append(points, v)
		})
		y.set(pool(points), at...)
	})
	return y
}

func TestRoiAlignByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(44))
	rois := tensor{[]int{3, 4}, []float64{0, 0, 6, 4, 1, 1, 7, 5, 0.5, 2, 6.5, 6}} // all 6 wide and 4 high
	for _, mode := range []string{"avg", "max"} {
		for ratio := range 4 {
			height, width := 1+r.Intn(3), 1+r.Intn(3)
			var m meter
			pool := map[string]func([]float64) float64{"avg": m.mean, "max": func(p []float64) float64 { return m.fold(m.max, p) }}[mode]
			points := [2]int{ratio, ratio}
			if ratio == 0 { // as many as the cell is high and wide
				points = [2]int{(4 + height - 1) / height, (6 + width - 1) / width}
			}
			x := fill(func() float64 { return 7 }, 1, 2, 8, 8)
			y := m.roiAlign(x, rois, height, width, points, pool)
			near(t, "an even image", y.v, fill(func() float64 { return 7 }, y.dims...).v)
			attrs := fmt.Sprintf("mode=%s output_height=%d output_width=%d sampling_ratio=%d", mode, height, width, ratio)
			env := map[string]int64{"node.samples": int64(points[0] * points[1])}
			m.wants(t, "RoiAlign "+attrs, costAt(t, "RoiAlign", attrs, "f32", x.as("f32"), rois.as("f32"), "i64[3]"), env)
		}
	}
}

// maxRoiPool takes the maximum of each cell of regions [image, x1, y1, x2, y2].
func (m *meter) maxRoiPool(x, rois tensor, height, width int) {
	span := func(from, to float64, cell, cells, n int) (int, int) {
		size := (to - from + 1) / float64(cells)
		lo := int(math.Floor(float64(cell)*size) + from)
		hi := int(math.Ceil(float64(cell+1)*size) + from)
		return min(max(lo, 0), n), min(max(hi, 0), n)
	}
	odometer([]int{rois.dims[0], x.dims[1], height, width}, func(at []int) {
		roi := rois.rows()[at[0]]
		top, bottom := span(roi[2], roi[4], at[2], height, x.dims[2])
		left, right := span(roi[1], roi[3], at[3], width, x.dims[3])
		var cell []float64
		for i := top; i < bottom; i++ {
			for j := left; j < right; j++ {
				cell = append(cell, x.get(int(roi[0]), at[1], i, j))
			}
		}
		if len(cell) > 0 {
			m.fold(m.max, cell)
		}
	})
}

func TestMaxRoiPoolByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(45))
	x := randomTensor(r, 1, 2, 6, 5)
	for range 20 {
		height, width := 1+r.Intn(3), 1+r.Intn(3)
		x1, y1 := float64(r.Intn(5)), float64(r.Intn(6))
		rois := tensor{[]int{1, 5}, []float64{0, x1, y1, x1 + float64(r.Intn(5)), y1 + float64(r.Intn(6))}}
		var m meter
		m.maxRoiPool(x, rois, height, width)
		cost := costAt(t, "MaxRoiPool", fmt.Sprintf("pooled_shape=[%d,%d]", height, width), "f32", x.as("f32"), rois.as("f32"))
		m.within(t, "MaxRoiPool", cost, map[string]int64{"node.cell": 6 * 5})
	}
	var whole meter
	whole.maxRoiPool(x, tensor{[]int{1, 5}, []float64{0, 0, 0, 4, 5}}, 1, 1)
	whole.wants(t, "MaxRoiPool of the whole image", costAt(t, "MaxRoiPool", "pooled_shape=[1,1]", "f32", x.as("f32"), "f32[1,5]"), map[string]int64{"node.cell": 6 * 5})
	var quarters meter
	quarters.maxRoiPool(randomTensor(r, 1, 2, 6, 4), tensor{[]int{1, 5}, []float64{0, 0, 0, 3, 5}}, 2, 2)
	quarters.wants(t, "MaxRoiPool of quarters", costAt(t, "MaxRoiPool", "pooled_shape=[2,2]", "f32", "f32[1,2,6,4]", "f32[1,5]"), map[string]int64{"node.cell": 3 * 2})
}
