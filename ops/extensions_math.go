package ops

import "github.com/onnxmeter/onnxmeter/graph"

const codecReason = "decoding and encoding is integer work of a codec"

var mathExtensions = []Op{
	{
		Name: "AudioDecoder", Since: []int{1}, Doc: "Samples of a file of sound." + extensionsSource + "audio/audio_decoder.cc)",
		In: "audio_stream:uint8, format?:string shape", Out: "floatPCM:float32, sample_rate?:int64", Attrs: "downsampling_rate:int stereo_to_mono:int *", Infer: inferAudioDecoder, Free: codecReason,
		Cases: []Case{{In: "u8[1,N]", Out: "f32[1,`y0[1]`]"}},
	},
	{
		Name: "DecodeImage", Since: []int{1}, Doc: "Pixels of a file of an image." + extensionsSource + "vision/decode_image.hpp)",
		In: "raw_input_image:uint8", Out: "decoded_image:uint8", Attrs: "color_space:string=bgr *", Infer: inferDecodeImage, Free: codecReason,
		Cases: []Case{{In: "u8[N]", Out: "u8[`y0[0]`,`y0[1]`,3]"}},
	},
	{
		Name: "DrawBoundingBoxes", Since: []int{1}, Doc: "Draws frames into an image." + extensionsSource + "vision/draw_bounding_box.cc)",
		In: "image:uint8, boxes:float32", Out: "output:uint8", Attrs: "colour_by_classes:int=1 mode:string=XYXY num_classes:int=10 thickness:int=4 *", Infer: inferDrawBoxes, Free: "writes pixels, does no arithmetic on them",
		Cases: []Case{{In: "u8[H,W,3] f32[N,6]", Out: "u8[H,W,3]"}, {In: "u8[H,W,3] f32[N,4]", Err: "boxes"}},
	},
	{
		Name: "EncodeImage", Since: []int{1}, Doc: "An image as a file." + extensionsSource + "vision/encode_image.hpp)",
		In: "image:uint8", Out: "bytes:uint8", Attrs: "color_space:string=bgr format:string *", Infer: inferSentences, Free: codecReason,
		Cases: []Case{{In: "u8[H,W,3]", Out: "u8[`y0[0]`]"}},
	},
	{
		Name: "ImageDecoder", Since: []int{1}, Doc: "Pixels of a file of an image." + extensionsSource + "cv2/imgcodecs/imdecode.hpp)",
		In: "raw_input_image:uint8", Out: "decoded_image:uint8", Infer: inferDecodeImage, Free: codecReason,
		Cases: []Case{{In: "u8[N]", Out: "u8[`y0[0]`,`y0[1]`,3]"}},
	},
	{
		Name: "Inverse", Since: []int{1}, Doc: "Inverse of a square matrix by LU decomposition and substitution: 2*m^3 flops for order m to leading order, counted as that." + extensionsSource + "math/dlib/inverse.hpp)",
		In: "X:float32", Out: "Y:float32", Infer: func(c *Call) { c.ShapeOfRank(0, 2, 2); inferInverse(c) }, Cost: costInverse,
		Cases: []Case{{In: "f32[3,3]", Out: "f32[3,3]", Cost: "flop=54"}, {In: "f32[2,3,3]", Err: "rank 3"}},
	},
	{
		Name: "NegPos", Since: []int{1}, Doc: "The negative and the positive part of each element: a comparison." + extensionsSource + "math/negpos.hpp)",
		In: "X:float32", Out: "neg:float32, pos:float32", Infer: func(c *Call) { c.SameShape(0, 0); c.SameShape(1, 0) }, Cost: each(work{cmp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3] f32[N,3]", Cost: "cmp=3*N"}},
	},
	{
		Name: "SegmentExtraction", Since: []int{1}, Doc: "Ranges of equal numbers that are not 0: two comparisons per element." + extensionsSource + "math/segment_extraction.cc)",
		In: "input:int64", Out: "position:int64, value:int64", Infer: inferSegments, Cost: func(c *Call) Cost { return Cost{Cmp: c.InN(0).MulInt(2)} },
		Cases: []Case{{In: "i64[1,N]", Out: "i64[`y0[0]`,2] i64[`y0[0]`]", Cost: "cmp=2*N"}, {In: "i64[2,N]", Err: "2"}},
	},
	{
		Name: "SegmentSum", Since: []int{1}, Doc: "Sums of the parts of a tensor that a list of segments names: a flop per element." + extensionsSource + "math/segment_sum.cc)",
		In: "data:float32, segment_ids:int64 shape", Out: "output:float32", Infer: inferSegmentSum, Cost: func(c *Call) Cost { return Cost{Flop: c.InN(0)} },
		Cases: []Case{{In: "f32[4,3] i64[4]={0,0,1,2}", Out: "f32[3,3]", Cost: "flop=12"}, {In: "f32[4,3] i64[4]", Out: "f32[`y0[0]`,3]"}, {In: "f32[4,3] i64[3]", Err: "segment_ids"}},
	},
	{
		Name: "StftNorm", Since: []int{1},
		Doc: "Squared magnitudes of the transform of each frame: 2.5*n*log2(n) flops for n points with the logarithm rounded up, as STFT of a real signal, a flop for each product with the window, and three flops per output element." +
			extensionsSource + "math/dlib/stft_norm.hpp)",
		In: "pcm_wave:float32, n_fft:int64 shape, hop_length:int64 shape, window:float32, frame_size:int64 shape", Out: "stft_norm:float32", Attrs: "onesided:int=1 *", Infer: inferStftNorm, Cost: costStftNorm,
		Cases: []Case{
			{In: "f32[1,100] i64={16} i64={4} !f32[16] i64={16}", Out: "f32[1,9,26]", Cost: "flop=5278"},
			{In: "f32[1,L] i64[1]={400} i64[1]={160} !f32[400] i64[1]={400}", Out: "f32[1,201,floor(L/160)+1]"},
			{In: "f32[1,100] i64={16} i64={4} !f32[16] i64={16}", Attrs: "onesided=0", Out: "f32[1,16,26]", Cost: "flop=5824"},
			{In: "f32[2,100] i64={16} i64={4} !f32[16] i64={16}", Err: "batch"},
		},
	},
}

func inferAudioDecoder(c *Call) {
	c.SetShape(0, graph.Shape{graph.Int(1), c.anyLength(1)})
	c.SetShape(1, graph.Ints(1))
}

func inferDecodeImage(c *Call) {
	c.ShapeOfRank(0, 1, 1)
	c.SetShape(0, graph.Shape{c.anyLength(0), c.anyLength(1), graph.Int(3)})
}

func inferDrawBoxes(c *Call) {
	c.SameShape(0, 0)
	if s := c.ShapeOfRank(1, 2, 2); s != nil {
		c.mustBe(1, s[0], graph.Int(6))
	}
}

func inferSegments(c *Call) {
	x := c.ShapeOfRank(0, 1, 2)
	if len(x) == 2 {
		c.Same(x[0], graph.Int(1), "the first of two axes")
	}
	n := c.UnknownDim()
	if x != nil {
		n = x.Elements()
	}
	n = c.DataDim(0, 0, 0, bound(n))
	c.SetShape(0, graph.Shape{n, graph.Int(2)})
	c.SetShape(1, graph.Shape{n})
}

func inferSegmentSum(c *Call) {
	x, ids := c.ShapeOfRank(0, 1, -1), c.ShapeOfRank(1, 1, 1)
	if x == nil {
		return
	}
	if ids != nil {
		c.mustBe(1, x[0])
	}
	var n graph.Dim
	if k, ok := c.ConstInts(1); ok && len(k) > 0 {
		last := k[len(k)-1]
		if last < 0 {
			c.Wantf("at least 0", "segment_ids ends in %d", last)
		}
		n = graph.Int(last).AddInt(1)
	} else {
		n = c.DataDim(0, 0, 1, nil)
	}
	c.SetShape(0, append(graph.Shape{n}, x[1:]...))
}

// stftSizes are the points of a transform and the number of frames.
func (c *Call) stftSizes() (points, frames graph.Dim) {
	x := c.ShapeOfRank(0, 2, -1)
	if x == nil {
		x = c.UnknownShape(2)
	}
	for i := range x {
		if i != 1 {
			c.Same(x[i], graph.Int(1), "batch")
		}
	}
	points, frames = c.UnknownDim(), c.UnknownDim()
	if k, ok := c.ConstInts(1); ok && len(k) == 1 {
		if k[0] < 1 {
			c.Wantf("at least 1", "n_fft is %d", k[0])
		}
		points = graph.Int(k[0])
	}
	if k, ok := c.ConstInts(2); ok && len(k) == 1 {
		if k[0] < 1 {
			c.Wantf("at least 1", "hop_length is %d", k[0])
		}
		frames = x[1].MustFloorDiv(k[0]).AddInt(1)
	}
	return points, frames
}

func inferStftNorm(c *Call) {
	points, frames := c.stftSizes()
	if c.Int("onesided", 1) != 0 {
		points = points.MustFloorDiv(2).AddInt(1)
	}
	c.SetShape(0, graph.Shape{graph.Int(1), points, frames})
}

func costStftNorm(c *Call) Cost {
	points, frames := c.stftSizes()
	if points.HasUnknown() || frames.HasUnknown() {
		c.Unresolved("the size of the transform is not known")
	}
	return Cost{Flop: c.fftFlops(points, true).Add(points).Mul(frames).Add(c.OutN(0).MulInt(3))}
}
