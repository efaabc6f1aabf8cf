package exprgraph

import (
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

func (k *call) transpose() (value, bool) {
	perm := integers(k.text)
	return k.emit("", "Transpose", graph.Attrs{intsAttr("perm", perm...)}, dims(k.node), k.in[0].name), len(perm) == len(k.in[0].shape)
}

func (k *call) concat() (value, bool) {
	axis := integers(k.text)
	inputs := make([]string, len(k.in))
	for i, v := range k.in {
		inputs[i] = v.name
	}
	return k.emit("", "Concat", graph.Attrs{intAttr("axis", axis[0])}, dims(k.node), inputs...), true
}

// slice converts a slice along one axis: its text is "T[:, :, 2:5:1...]".
func (k *call) slice() (value, bool) {
	axis := int64(strings.Count(k.text, ":, "))
	bounds := integers(k.text)
	if len(bounds) == 0 {
		return k.in[0], true // all of it
	}
	if len(bounds) != 3 || axis >= int64(len(k.in[0].shape)) || bounds[2] < 1 {
		return value{}, false
	}
	shape := append([]int64{}, k.in[0].shape...)
	shape[axis] = (bounds[1] - bounds[0] + bounds[2] - 1) / bounds[2]
	if product(shape) != product(dims(k.node)) {
		return value{}, false
	}
	return k.emit("", "Slice", nil, shape, k.in[0].name, k.ints(bounds[0]), k.ints(bounds[1]), k.ints(axis), k.ints(bounds[2])), true
}

// repeat repeats each element along an axis: with an axis of 1 behind it, that is an expansion.
func (k *call) repeat() (value, bool) {
	axes := integers(k.text)
	from, to := append([]int64{}, k.in[0].shape...), dims(k.node)
	for len(from) < len(to) {
		from = append(from, 1)
	}
	axis := int(axes[0])
	if len(axes) != 1 || len(from) != len(to) || axis >= len(to) || from[axis] == 0 || to[axis]%from[axis] != 0 {
		return value{}, false
	}
	times := to[axis] / from[axis]
	spread := func(n int64) []int64 {
		return append(append(append([]int64{}, from[:axis+1]...), n), from[axis+1:]...)
	}
	narrow := k.reshape(k.in[0], spread(1))
	wide := k.emit("", "Expand", nil, spread(times), narrow.name, k.ints(spread(times)...))
	return wide, product(wide.shape) == product(to)
}

// patches are the numbers of an im2col: kernel, padding, stride and, where it says them, dilation
// as height and width.
type patches struct{ kernel, pad, stride, dilation [2]int64 }

func (k *call) patches() (p patches, ok bool) {
	v := integers(strings.TrimLeft(k.text, "imcol2"))
	if len(v) != 6 && len(v) != 8 {
		return p, false
	}
	p = patches{[2]int64{v[0], v[1]}, [2]int64{v[2], v[3]}, [2]int64{v[4], v[5]}, [2]int64{1, 1}}
	if len(v) == 8 {
		p.dilation = [2]int64{v[6], v[7]}
	}
	return p, true
}

// im2col gathers the patches of [N, C, H, W] into [N, H', W', C*kh*kw]: padding, then a gather
// from the flat image by places that are known beforehand.
func (k *call) im2col() (value, bool) {
	p, ok := k.patches()
	out := dims(k.node)
	if !ok || len(k.in[0].shape) != 4 || len(out) != 4 {
		return value{}, false
	}
	v := k.in[0]
	n, c, h, w := v.shape[0], v.shape[1], v.shape[2]+2*p.pad[0], v.shape[3]+2*p.pad[1]
	if p.pad != [2]int64{} {
		v = k.emit("", "Pad", nil, []int64{n, c, h, w}, v.name, k.ints(0, 0, p.pad[0], p.pad[1], 0, 0, p.pad[0], p.pad[1]))
	}
	flat := k.reshape(v, []int64{n, c * h * w})
	places := k.initializer("places", graph.Int64, []int64{product(out[1:])}, nil)
	return k.emit("", "Gather", graph.Attrs{intAttr("axis", 1)}, []int64{n, product(out[1:])}, flat.name, places), true
}

// col2im adds patches up into an image. Its text leaves the dilation out: with one the number
// of patches does not fit, and it is not converted.
func (k *call) col2im() (value, bool) {
	p, ok := k.patches()
	in, out := k.in[0].shape, dims(k.node)
	if !ok || len(in) != 4 || len(out) != 4 {
		return value{}, false
	}
	for i := range 2 {
		if (out[2+i]+2*p.pad[i]-p.kernel[i])/p.stride[i]+1 != in[1+i] {
			return value{}, false
		}
	}
	rows := k.reshape(k.in[0], []int64{in[0], in[1] * in[2], in[3]})
	columns := k.emit("", "Transpose", graph.Attrs{intsAttr("perm", 0, 2, 1)}, []int64{in[0], in[3], in[1] * in[2]}, rows.name)
	attrs := graph.Attrs{intsAttr("pads", p.pad[0], p.pad[1], p.pad[0], p.pad[1]), intsAttr("strides", p.stride[:]...)}
	return k.emit("", "Col2Im", attrs, out, columns.name, k.ints(out[2:]...), k.ints(p.kernel[:]...)), true
}

// pool reads "MaxPool{b, c, h, w}(kernel: (h, w), pad: (n, w), stride: (h, w))"; the padding
// behind follows from the shape of the output.
func (k *call) pool(op string) (value, bool) {
	v := integers(k.text)
	out := dims(k.node)
	if len(v) != 10 || len(out) != 4 {
		return value{}, false
	}
	kernel, before, stride := v[4:6], v[6:8], v[8:10]
	behind := [2]int64{}
	for i := range behind {
		behind[i] = max(0, (out[2+i]-1)*stride[i]+kernel[i]-k.in[0].shape[2+i]-before[i])
	}
	attrs := graph.Attrs{intsAttr("kernel_shape", kernel...), intsAttr("pads", before[0], before[1], behind[0], behind[1]), intsAttr("strides", stride...)}
	return k.emit("", op, attrs, out, k.in[0].name), true
}

func (k *call) globalAveragePool() (value, bool) {
	return k.emit("", "GlobalAveragePool", nil, dims(k.node), k.in[0].name), true
}
