package onnxfile

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

// source is the field of TensorProto that holds the elements.
type source uint8

const (
	noSource source = iota
	rawData
	floatData
	int32Data
	stringData
	int64Data
	doubleData
	uint64Data
)

var sourceNames = [...]string{"no data", "raw_data", "float_data", "int32_data", "string_data", "int64_data",
	"double_data", "uint64_data"}

func (s source) String() string { return sourceNames[s] }

// width returns the bytes of one entry of a packed field, 0 if they vary.
func (s source) width() int64 {
	switch s {
	case floatData:
		return 4
	case doubleData:
		return 8
	}
	return 0
}

// holds reports whether a source may hold elements of a type.
func (s source) holds(t graph.DType) bool {
	switch s {
	case rawData:
		return t != graph.String
	case floatData:
		return t == graph.Float32 || t == graph.Complex64
	case doubleData:
		return t == graph.Float64 || t == graph.Complex128
	case stringData:
		return t == graph.String
	case int64Data:
		return t == graph.Int64
	case uint64Data:
		return t == graph.Uint64 || t == graph.Uint32
	}
	return t == graph.Int32 || t == graph.Bool || t.Bits() <= 16 && t != graph.String
}

// fragment is a range of the file that holds elements: the inside of one packed
// field or of raw_data, or, tagged, a run of fields with one entry each.
type fragment struct {
	off, size int64
	tagged    bool
}

// tensorProto holds what a TensorProto says until it is complete.
type tensorProto struct {
	name     string
	dims     []int64
	dtype    int32
	location int64
	segment  bool
	external []graph.Pair
	metadata []graph.Pair

	from    source
	clash   source // another field that holds elements, too
	frags   []fragment
	entries int64 // in tagged fragments
}

func (d *decoder) newTensor() *tensorProto {
	if n := len(d.spare); n > 0 {
		p := d.spare[n-1]
		d.spare = d.spare[:n-1]
		return p
	}
	return &tensorProto{}
}

// tensor reads the TensorProto of a field into p without its elements.
func (d *decoder) tensor(p *tensorProto) {
	outer := d.enter()
	d.tensorFields(p)
	d.leave(outer)
}

func (d *decoder) tensorFields(p *tensorProto) {
	for d.more() {
		at := d.pos
		switch k := d.key(); k {
		case tensorName:
			p.name = d.text()
		case tensorDim:
			p.dims = addDim(p.dims, d.int64())
		case tensorDims:
			p.dims = d.packedDims(p.dims)
		case tensorDataType:
			p.dtype = d.int32()
		case tensorLocation:
			p.location = d.int64()
		case tensorExternal:
			p.external = d.addPair(p.external)
		case tensorMetadata:
			p.metadata = d.addPair(p.metadata)
		case tensorSegment:
			p.segment = true
			d.skip(k)
		default:
			d.tensorData(p, k, at)
		}
	}
}

// addDim appends a dim, up to one past the limit.
func addDim(dims []int64, v int64) []int64 {
	if len(dims) > graph.MaxRank {
		return dims
	}
	return append(dims, v)
}

func (d *decoder) packedDims(dims []int64) []int64 {
	outer := d.enter()
	for d.more() {
		dims = addDim(dims, d.int64())
	}
	d.leave(outer)
	return dims
}

// sourceOf maps the keys of element fields to sources.
func sourceOf(k key) (s source, tagged bool) {
	switch k {
	case tensorRaw:
		return rawData, false
	case tensorFloat, tensorFloats:
		return floatData, k == tensorFloat
	case tensorInt32, tensorInt32s:
		return int32Data, k == tensorInt32
	case tensorInt64, tensorInt64s:
		return int64Data, k == tensorInt64
	case tensorDouble, tensorDoubles:
		return doubleData, k == tensorDouble
	case tensorUint64, tensorUint64s:
		return uint64Data, k == tensorUint64
	case tensorString:
		return stringData, true
	}
	return noSource, false
}

// tensorData passes over a field of elements, whose key stands at an offset, and
// notes where they lie.
func (d *decoder) tensorData(p *tensorProto, k key, at int64) {
	from, tagged := sourceOf(k)
	if from == noSource {
		d.skip(k)
		return
	}
	var f fragment
	if tagged {
		before := d.skipped
		d.skip(k)
		d.skipped = before + d.pos - at
		f = fragment{at, d.pos - at, true}
		p.entries++
	} else {
		n := d.length()
		f = fragment{d.pos, n, false}
		d.advance(n)
		d.skipped += n
	}
	if d.err == nil {
		p.add(from, f)
	}
}

// add notes a fragment. raw_data is a singular field: its last occurrence counts.
func (p *tensorProto) add(from source, f fragment) {
	if from == rawData && p.from == rawData {
		p.frags = p.frags[:0]
	}
	if f.size == 0 {
		return
	}
	if p.from != noSource && p.from != from && len(p.frags) > 0 {
		p.clash = from
		return
	}
	p.from = from
	if n := len(p.frags); n > 0 && f.tagged && p.frags[n-1].tagged && p.frags[n-1].off+p.frags[n-1].size == f.off {
		p.frags[n-1].size += f.size
		return
	}
	p.frags = append(p.frags, f)
}

// addInitializer reads an initializer of a graph, which must have a name.
func (d *decoder) addInitializer(g *graph.Graph) {
	p := d.newTensor()
	at := d.pos
	d.tensor(p)
	if p.name == "" && d.err == nil {
		d.reject("the initializer at offset %d has no name", at)
	}
	g.Initializers = append(g.Initializers, d.finishTensor(p, ""))
}

// finishTensor checks a tensor and makes it a graph.Tensor; owner is what to call
// a tensor without a name.
func (d *decoder) finishTensor(p *tensorProto, owner string) *graph.Tensor {
	t := d.tensorSlab.new()
	*t = graph.Tensor{
		Name:     p.name,
		DType:    graph.DType(p.dtype),
		Dims:     d.intSlab.copy(p.dims),
		External: d.pairSlab.copy(p.external),
		Metadata: d.pairSlab.copy(p.metadata),
	}
	if d.err == nil {
		if problem := d.checkTensor(p, t); problem != "" {
			if owner = graph.Clip(owner); p.name != "" {
				owner = graph.Clip(p.name)
			}
			d.reject("tensor %q: %s", owner, problem)
		}
	}
	*p = tensorProto{dims: p.dims[:0], external: p.external[:0], metadata: p.metadata[:0], frags: p.frags[:0]}
	d.spare = append(d.spare, p)
	return t
}

// checkTensor says what is wrong with a tensor, "" if nothing is, and sets where
// its elements lie.
func (d *decoder) checkTensor(p *tensorProto, t *graph.Tensor) string {
	if !t.DType.Valid() {
		return fmt.Sprintf("data_type %d is not known", p.dtype)
	}
	if len(t.Dims) > graph.MaxRank {
		return fmt.Sprintf("rank above %d", graph.MaxRank)
	}
	n, fits := int64(1), true
	for _, k := range t.Dims {
		if k < 0 {
			return fmt.Sprintf("dim %d", k)
		}
		n, fits = times(n, k, fits)
	}
	if p.location == locationExternal {
		return d.external(p, t, n, fits)
	}
	switch {
	case p.clash != noSource:
		return fmt.Sprintf("has both %s and %s", p.from, p.clash)
	case !fits:
		return fmt.Sprintf("%v has more than 2^63-1 elements and %s", t.Dims, p.from)
	case len(p.frags) == 0 && n > 0:
		t.Storage = graph.StorageAbsent
		return ""
	case p.segment:
		d.warn("tensor %q is a segment of a larger one, its elements are not read", graph.Clip(p.name))
		t.Storage = graph.StorageAbsent
		return ""
	case len(p.frags) > 0 && !p.from.holds(t.DType):
		return fmt.Sprintf("%s cannot hold %s", p.from, t.DType)
	}
	t.Storage = graph.StorageInline
	data := &payload{r: d.r, dtype: t.DType, n: n, from: p.from, frags: append([]fragment(nil), p.frags...)}
	t.Payload = data
	return data.check(t.Dims, p.entries)
}

// locationExternal is TensorProto.DataLocation.EXTERNAL.
const locationExternal = 1

// times multiplies non-negative numbers; once a product did not fit, only zero
// makes it fit again.
func times(a, b int64, fits bool) (int64, bool) {
	if b == 0 {
		return 0, true
	}
	if !fits {
		return a, false
	}
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	return int64(lo), hi == 0 && lo < 1<<63
}

// external checks a tensor whose elements are in another file, which is never
// opened.
func (d *decoder) external(p *tensorProto, t *graph.Tensor, n int64, fits bool) string {
	t.Storage = graph.StorageExternal
	if len(p.frags) > 0 {
		return fmt.Sprintf("has %s although its data_location is external", p.from)
	}
	length := ""
	for _, e := range t.External {
		if e.Key == "length" {
			length = e.Value
		}
	}
	if length == "" || !fits || t.DType == graph.String {
		return ""
	}
	want := t.Bytes()
	got, err := strconv.ParseUint(strings.TrimSpace(length), 10, 63)
	if err != nil || !want.Is(int64(got)) {
		d.warn("tensor %q: the external data has length %q, %d elements of %s need %s bytes",
			graph.Clip(p.name), graph.Clip(length), n, t.DType, want)
	}
	return ""
}
