package ops

import (
	"fmt"
	"math"
	"math/cmplx"
	"math/rand"
	"testing"
)

// The loops of this file transform signals and count n-grams, as ONNX Operators.md
// reads.

func (m *meter) cadd(a, b complex128) complex128 {
	return complex(m.add(real(a), real(b)), m.add(imag(a), imag(b)))
}

func (m *meter) csub(a, b complex128) complex128 {
	return complex(m.sub(real(a), real(b)), m.sub(imag(a), imag(b)))
}

func (m *meter) cmul(a, b complex128) complex128 {
	return complex(m.sub(m.mul(real(a), real(b)), m.mul(imag(a), imag(b))), m.add(m.mul(real(a), imag(b)), m.mul(imag(a), real(b))))
}

// turn is the k-th of n points on the unit circle, clockwise for a forward transform:
// a constant.
func turn(k, n int, sign float64) complex128 {
	return cmplx.Rect(1, sign*2*math.Pi*float64(k)/float64(n))
}

// fft is the transform by halves of a power of two (J. W. Cooley, J. W. Tukey, 1965).
func (m *meter) fft(x []complex128, sign float64) []complex128 {
	n := len(x)
	if n == 1 {
		return x
	}
	var even, odd []complex128
	for i := 0; i < n; i += 2 {
		even, odd = append(even, x[i]), append(odd, x[i+1])
	}
	even, odd = m.fft(even, sign), m.fft(odd, sign)
	out := make([]complex128, n)
	for k := range n / 2 {
		t := m.cmul(turn(k, n, sign), odd[k])
		out[k], out[k+n/2] = m.cadd(even[k], t), m.csub(even[k], t)
	}
	return out
}

// dft is the definition.
func dft(x []complex128, sign float64) []complex128 {
	out := make([]complex128, len(x))
	for k := range x {
		for i, v := range x {
			out[k] += v * turn(i*k%len(x), len(x), sign)
		}
	}
	return out
}

func parts(x []complex128) (out []float64) {
	for _, v := range x {
		out = append(out, real(v), imag(v))
	}
	return out
}

func signal(r *rand.Rand, n int) []complex128 {
	x := make([]complex128, n)
	for i := range x {
		x[i] = complex(2*r.Float64()-1, 2*r.Float64()-1)
	}
	return x
}

// Two real signals are one complex one, so that a real transform is half the work.
func TestDFTByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(51))
	const batch = 4
	for _, n := range []int{1, 2, 4, 8, 32, 256} {
		var forward, inverse, real2 meter
		for i := range batch {
			x := signal(r, n)
			near(t, "transform", parts(forward.fft(x, -1)), parts(dft(x, -1)))
			for _, v := range parts(inverse.fft(x, 1)) {
				inverse.div(v, float64(n))
			}
			if i < batch/2 {
				real2.fft(signal(r, n), -1)
			}
		}
		in, axis := fmt.Sprintf("f32[%d,%d,2]", batch, n), "i64={1}"
		what := fmt.Sprint("DFT of ", n)
		forward.wants(t, what, costAt(t, "DFT", "", "f32", in, "_", axis), nil)
		forward.wants(t, "DFT-17 of "+in, costAt(t, "DFT-17", "", "f32", in), nil)
		inverse.wants(t, what+", inverse", costAt(t, "DFT", "inverse=1", "f32", in, "_", axis), nil)
		alone := fmt.Sprintf("f32[%d,%d,1]", batch, n)
		real2.wants(t, what+", real", costAt(t, "DFT", "", "f32", alone, "_", axis), nil)
		real2.wants(t, what+", one-sided", costAt(t, "DFT", "onesided=1", "f32", alone, "_", axis), nil)
	}
}

func TestSTFTByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(52))
	const length, step = 64, 6
	for _, frame := range []int{1, 4, 16, 64} {
		x, window := signal(r, length), fill(r.Float64, frame)
		var complexes, reals, plain meter
		frames := 0
		for from := 0; from+frame <= length; from += step {
			cut := make([]complex128, frame)
			for i := range cut {
				v := x[from+i]
				cut[i] = complex(complexes.mul(real(v), window.v[i]), complexes.mul(imag(v), window.v[i]))
				reals.mul(real(v), window.v[i])
			}
			complexes.fft(cut, -1)
			plain.fft(cut, -1)
			frames++
		}
		what, step := fmt.Sprint("STFT of frames of ", frame), fmt.Sprintf("i64={%d}", step)
		complexes.wants(t, what, costAt(t, "STFT", "onesided=0", "f32", "f32[1,64,2]", step, window.as("f32")), nil)
		length := fmt.Sprintf("i64={%d}", frame)
		plain.wants(t, what+", no window", costAt(t, "STFT", "onesided=0", "f32", "f32[1,64,2]", step, "_", length), nil)
		reals.flop += plain.flop / 2
		reals.wants(t, what+", real", costAt(t, "STFT", "", "f32", "f32[1,64,1]", step, window.as("f32")), nil)
		if got := costAt(t, "STFT", "", "f32", "f32[1,64,1]", step, window.as("f32")).Flop; frame == 1 && !got.Is(int64(frames)) {
			t.Errorf("frames of one: %s flops, want %d", got, frames)
		}
	}
}

// mel is 2595 * log10(1 + f/700), and herz its inverse.
func (m *meter) mel(f float64) float64 {
	return m.mul(2595, m.call(math.Log10, m.add(1, m.div(f, 700))))
}

func (m *meter) herz(mel float64) float64 { return m.mul(700, m.sub(m.pow(10, m.div(mel, 2595)), 1)) }

// melEdges are the bins of the transform where triangles begin, peak and end.
func (m *meter) melEdges(bins, length int, rate, low, high float64) []float64 {
	from, to := m.mel(low), m.mel(high)
	step := m.div(m.sub(to, from), float64(bins+2))
	edges := make([]float64, bins+2)
	for i := range edges {
		f := m.herz(m.add(m.mul(float64(i), step), from))
		edges[i] = m.do(math.Floor(m.div(m.mul(f, float64(length+1)), rate)))
	}
	return edges
}

func TestMelWeightMatrixByDoing(t *testing.T) {
	for _, bins := range []int{1, 8, 40} {
		for _, length := range []int{16, 512} {
			var m meter
			edges := m.melEdges(bins, length, 8000, 0, 4000)
			near(t, "first edge", edges[:1], []float64{0})
			around := m
			weights := zeros(length/2+1, bins)
			for i := range bins {
				low, centre, high := edges[i], edges[i+1], edges[i+2]
				for j := low; j < high; j++ {
					if rises := j < centre; rises {
						weights.set(m.div(m.sub(j, low), centre-low), int(j), i)
					} else {
						weights.set(m.div(m.sub(high, j), high-centre), int(j), i)
					}
				}
				if centre > low && centre < high && weights.get(int(centre), i) != 1 {
					t.Errorf("the peak of triangle %d is %v", i, weights.get(int(centre), i))
				}
			}
			in := []string{fmt.Sprintf("i64={%d}", bins), fmt.Sprintf("i64={%d}", length), "i64", "f32", "f32"}
			cost := costAt(t, "MelWeightMatrix", "", "f32", in...)
			m.within(t, "MelWeightMatrix", cost, nil)
			dense := around // every element of the matrix on a slope
			dense.flop += 2 * int64(len(weights.v))
			dense.wants(t, "MelWeightMatrix, dense", cost, nil)
		}
	}
}

// grams looks up each n-gram of a row: n elements, skips elements apart.
func (m *meter) grams(row []int, lo, hi, skips int, found func(gram []int)) {
	for n := lo; n <= hi; n++ {
		for skip := 0; skip <= skips && (n > 1 || skip == 0); skip++ {
			for from := 0; from+(n-1)*(skip+1) < len(row); from++ {
				var gram []int
				for i := range n {
					gram = append(gram, row[from+i*(skip+1)])
				}
				m.whole(0)
				found(gram)
			}
		}
	}
}

func TestTfIdfByDoing(t *testing.T) {
	count := 0 // the example of the specification, with two skips
	(&meter{}).grams([]int{94, 17, 36, 12, 28}, 2, 2, 2, func(gram []int) {
		if fmt.Sprint(gram) == "[94 12]" || fmt.Sprint(gram) == "[17 28]" {
			count++
		}
	})
	if count != 2 {
		t.Errorf("%d of the two 2-grams found", count)
	}
	for length := 1; length <= 12; length++ {
		for lo := 1; lo <= 3; lo++ {
			for skips := range 5 {
				hi := lo + length%2
				var m meter
				for range 2 {
					m.grams(make([]int, length), lo, hi, skips, func([]int) {})
				}
				attrs := fmt.Sprintf("min_gram_length=%d max_gram_length=%d max_skip_count=%d ngram_counts=[0,1,1,1] ngram_indexes=[0] pool_int64s=[7]", lo, hi, skips)
				in := fmt.Sprintf("i64[2,%d]", length)
				m.wants(t, attrs+in, costAt(t, "TfIdfVectorizer", attrs+" mode=TF", "f32", in), nil)
				odometer([]int{2, 1}, func([]int) { m.mul(1, 0.5) })
				m.wants(t, attrs+in+" TFIDF", costAt(t, "TfIdfVectorizer", attrs+" mode=TFIDF weights=[0.5]", "f32", in), nil)
			}
		}
	}
}
