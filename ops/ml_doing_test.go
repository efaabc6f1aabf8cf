package ops

import (
	"fmt"
	"math"
	"math/rand"
	"strings"
	"testing"
)

// The loops of this file follow ONNX's Operators-ml.md.

// ones is an attribute of n numbers, counted one of those from 0 on.
func ones(name string, n int) string {
	return name + "=[" + strings.TrimSuffix(strings.Repeat("1,", n), ",") + "]"
}

func counted(name string, n int) string {
	var parts []string
	for i := range n {
		parts = append(parts, fmt.Sprint(i))
	}
	return name + "=[" + strings.Join(parts, ",") + "]"
}

// post does the post transform to each row of scores.
func (m *meter) post(name string, scores []float64) {
	switch name {
	case "SOFTMAX", "SOFTMAX_ZERO":
		m.softmax(scores)
	case "LOGISTIC":
		each1(scores, m.sigmoid)
	case "PROBIT": // sqrt(2) * erfinv(2*p - 1)
		each1(scores, func(p float64) float64 {
			return m.mul(math.Sqrt2, m.call(math.Erfinv, m.sub(m.mul(2, p), 1)))
		})
	}
}

func (m *meter) dot(a, b []float64) (sum float64) {
	for i := range a {
		sum = m.muladd(sum, a[i], b[i])
	}
	return sum
}

var postTransforms = []string{"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"}

func TestScalersByDoing(t *testing.T) {
	for what, f := range map[string]func(m *meter, row []float64){
		"ai.onnx.ml.Binarizer": func(m *meter, row []float64) {
			each1(row, func(x float64) float64 { return choose(m.less(0, x), 1, 0) })
		},
		"ai.onnx.ml.Imputer": func(m *meter, row []float64) {
			each1(row, func(x float64) float64 { m.cmp++; return choose(x == 3, 1, x) })
		},
		"ai.onnx.ml.Scaler offset=[1] scale=[2]": func(m *meter, row []float64) {
			each1(row, func(x float64) float64 { return m.mul(m.sub(x, 1), 2) })
		},
		"ai.onnx.ml.Normalizer norm=MAX": func(m *meter, row []float64) { m.divide(row, m.fold(m.max, row)) },
		"ai.onnx.ml.Normalizer norm=L1":  func(m *meter, row []float64) { m.divide(row, m.fold(m.add, each1(row, m.abs))) },
		"ai.onnx.ml.Normalizer norm=L2": func(m *meter, row []float64) {
			m.divide(row, m.sqrt(m.fold(m.add, each1(row, m.square))))
		},
	} {
		name, attrs, _ := strings.Cut(what, " ")
		for _, n := range []int{1, 2, 5} {
			var m meter
			x := zeros(3, n)
			for _, row := range x.rows() {
				f(&m, row)
			}
			m.compare(t, what, costAt(t, name, attrs, "f32", x.as("f32")))
		}
	}
}

func (m *meter) divide(row []float64, by float64) {
	each1(row, func(x float64) float64 { return m.div(x, by) })
}

// TestLookUpsByDoing finds each element in a map, the one step that is counted.
func TestLookUpsByDoing(t *testing.T) {
	var m meter
	table := map[float64]float64{1: 10, 2: 20}
	x := fill(func() float64 { return 2 }, 3, 4)
	for _, v := range x.v {
		m.whole(table[v])
	}
	m.compare(t, "LabelEncoder", costAt(t, "ai.onnx.ml.LabelEncoder", "keys_int64s=[1,2] values_int64s=[10,20]", "i64", "i64[3,4]"))
	m.compare(t, "CategoryMapper", costAt(t, "ai.onnx.ml.CategoryMapper", "cats_int64s=[1,2] cats_strings=[a,b]", "str", "i64[3,4]"))
	m.compare(t, "OneHotEncoder", costAt(t, "ai.onnx.ml.OneHotEncoder", "cats_int64s=[1,2]", "f32", "i64[3,4]"))
}

func TestLinearModelsByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(11))
	for range 40 {
		rows, features, outs := 1+r.Intn(4), 1+r.Intn(5), 3+r.Intn(3)
		post, bias := postTransforms[r.Intn(5)], r.Intn(2) == 0
		x, w := randomTensor(r, rows, features), randomTensor(r, outs, features)
		attrs := ones("coefficients", outs*features) + " post_transform=" + post
		if bias {
			attrs += " " + ones("intercepts", outs)
		}
		var m, best meter
		for _, row := range x.rows() {
			scores := make([]float64, outs)
			for i, c := range w.rows() {
				if scores[i] = m.dot(row, c); bias {
					scores[i] = m.add(scores[i], 0.5)
				}
			}
			best.fold(best.max, scores)
			m.post(post, scores)
		}
		m.compare(t, "LinearRegressor "+attrs, costAt(t, "ai.onnx.ml.LinearRegressor", fmt.Sprintf("%s targets=%d", attrs, outs), "f32", x.as("f32")))
		m.cmp += best.cmp
		m.compare(t, "LinearClassifier "+attrs, costAt(t, "ai.onnx.ml.LinearClassifier", attrs+" "+counted("classlabels_ints", outs), "i64 f32", x.as("f32")))
	}
}

// kernel is one of a support vector machine, between a sample and a support vector.
func (m *meter) kernel(kind string, x, s []float64) float64 {
	switch kind {
	case "RBF": // exp(-gamma * |x - s|^2)
		var sum float64
		for i := range x {
			d := m.sub(x[i], s[i])
			sum = m.muladd(sum, d, d)
		}
		return m.call(math.Exp, m.mul(-0.5, sum))
	case "POLY": // (gamma * x.s + coef0)^degree
		return m.call(func(v float64) float64 { return v * v }, m.add(m.mul(0.5, m.dot(x, s)), 1))
	case "SIGMOID": // tanh(gamma * x.s + coef0)
		return m.call(math.Tanh, m.add(m.mul(0.5, m.dot(x, s)), 1))
	}
	return m.dot(x, s)
}

var kernels = []string{"LINEAR", "RBF", "POLY", "SIGMOID"}

func TestSVMRegressorByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(12))
	for range 40 {
		rows, features, vectors := 1+r.Intn(4), 1+r.Intn(5), r.Intn(4)
		kind, post, oneClass := kernels[r.Intn(4)], postTransforms[r.Intn(5)], r.Intn(2)
		x, s := randomTensor(r, rows, features), randomTensor(r, vectors+1, features)
		var m meter
		for _, row := range x.rows() {
			sum := 0.0
			if vectors == 0 {
				sum = m.dot(row, s.rows()[0])
			}
			for _, v := range s.rows()[:vectors] {
				sum = m.muladd(sum, m.kernel(kind, row, v), 0.25)
			}
			if sum = m.add(sum, 1); oneClass == 1 {
				sum = choose(m.less(0, sum), 1, -1)
			}
			m.post(post, []float64{sum})
		}
		attrs := fmt.Sprintf("n_supports=%d kernel_type=%s post_transform=%s one_class=%d", vectors, kind, post, oneClass)
		m.compare(t, "SVMRegressor "+attrs, costAt(t, "ai.onnx.ml.SVMRegressor", attrs, "f32", x.as("f32")))
	}
}

// TestSVMClassifierByDoing decides between each pair of classes, each by the support
// vectors of the two, and lets the pairs vote.
func TestSVMClassifierByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(13))
	for range 60 {
		rows, features, classes := 1+r.Intn(3), 1+r.Intn(4), 2+r.Intn(3)
		kind, proba := kernels[r.Intn(4)], r.Intn(2) == 0
		owner := []int{}
		perClass := make([]string, classes)
		for c := range classes {
			n := 1 + r.Intn(3)
			perClass[c] = fmt.Sprint(n)
			for range n {
				owner = append(owner, c)
			}
		}
		x, s := randomTensor(r, rows, features), randomTensor(r, len(owner), features)
		var m meter
		for _, row := range x.rows() {
			k := make([]float64, len(owner))
			for i, v := range s.rows() {
				k[i] = m.kernel(kind, row, v)
			}
			votes := make([]float64, classes)
			for i := range classes {
				for j := i + 1; j < classes; j++ {
					f := 0.0
					for v, c := range owner {
						if c == i || c == j {
							f = m.muladd(f, 0.5, k[v])
						}
					}
					if f = m.add(f, 1); proba {
						m.sigmoid(m.add(m.mul(2, f), 1))
					}
					if first := m.less(0, f); classes > 2 {
						votes[map[bool]int{true: i, false: j}[first]] = m.whole(1)
					}
				}
			}
			if classes > 2 {
				m.fold(m.max, votes)
			}
		}
		attrs := fmt.Sprintf("%s vectors_per_class=[%s] kernel_type=%s", counted("classlabels_ints", classes), strings.Join(perClass, ","), kind)
		if proba {
			attrs += " " + ones("prob_a", classes*(classes-1)/2) + " " + ones("prob_b", classes*(classes-1)/2)
		}
		m.compare(t, "SVMClassifier "+attrs, costAt(t, "ai.onnx.ml.SVMClassifier", attrs, "i64 f32", x.as("f32")))
		m = meter{}
		for _, row := range x.rows() {
			scores := make([]float64, classes)
			for i := range scores {
				scores[i] = m.add(m.dot(row, s.rows()[0]), 1)
			}
			m.fold(m.max, scores)
		}
		m.compare(t, "linear SVMClassifier", costAt(t, "ai.onnx.ml.SVMClassifier", counted("classlabels_ints", classes), "i64 f32", x.as("f32")))
	}
}
