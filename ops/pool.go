package ops

import (
	"math"

	"github.com/onnxmeter/onnxmeter/graph"
)

const (
	poolAttrs = " auto_pad:string=NOTSET kernel_shape:ints! pads:ints strides:ints"
	poolDoc   = " A window that would start in the end padding is dropped in ceil mode. Elements in the padding count. "
	meanDoc   = "An average over k elements is k-1 additions and a division: k flops. "
	maxDoc    = "A maximum over k elements is k-1 comparisons. "
	normDoc   = "A p-norm over k elements is k absolute values, k powers, k-1 additions and a root; for p = 2, k products, k-1 additions and a " +
		"square root; for p = 1, k absolute values and k-1 additions. "
	averageDoc = "Average over a window." + poolDoc + meanDoc + "(ONNX Operators.md, AveragePool)"
	maximumDoc = "Maximum over a window, and where it was found." + poolDoc + maxDoc + "(ONNX Operators.md, MaxPool)"
	lpDoc      = "p-norm over a window." + poolDoc + normDoc
)

var poolOps = []Op{
	{
		Name: "AveragePool", Since: []int{1},
		Doc: averageDoc, In: "X:T", Out: "Y:T", Types: "T: float", Attrs: poolAttrs,
		Infer: inferPool, Cost: costAveragePool,
		Cases: []Case{
			{In: "f32[N,2,7,7]", Attrs: "kernel_shape=[7,7]", Out: "f32[N,2,1,1]", Cost: "flop=98*N"},
			{In: "f32[1,2,7]", Attrs: "kernel_shape=[2] ceil_mode=1", Err: "ceil_mode"},
		},
	},
	{
		Name: "AveragePool", Since: []int{7},
		Doc: averageDoc, In: "X:T", Out: "Y:T", Types: "T: float", Attrs: poolAttrs + " count_include_pad:int=0",
		Infer: inferPool, Cost: costAveragePool,
		Cases: []Case{{In: "f32[1,2,7]", Attrs: "kernel_shape=[2] pads=[1,0] count_include_pad=1", Out: "f32[1,2,7]", Cost: "flop=28"}},
	},
	{
		Name: "AveragePool", Since: []int{10, 11},
		Doc: averageDoc, In: "X:T", Out: "Y:T", Types: "T: float", Attrs: poolAttrs + " ceil_mode:int=0 count_include_pad:int=0",
		Infer: inferPool, Cost: costAveragePool,
		Cases: []Case{{In: "f32[1,3,8]", Attrs: "kernel_shape=[2] strides=[3] pads=[1,1] ceil_mode=1", Out: "f32[1,3,3]", Cost: "flop=18"}},
	},
	{
		Name: "AveragePool", Since: []int{19, 22},
		Doc: averageDoc, In: "X:T", Out: "Y:T", Types: "T: float", Attrs: poolAttrs + " ceil_mode:int=0 count_include_pad:int=0 dilations:ints",
		Infer: inferPool, Cost: costAveragePool,
		Cases: []Case{
			{In: "f32[1,1,4,4]", Attrs: "kernel_shape=[3,3] strides=[2,2] ceil_mode=1", Out: "f32[1,1,2,2]", Cost: "flop=36"},
			{In: "f32[1,1,5]", Attrs: "kernel_shape=[2] dilations=[3]", Out: "f32[1,1,2]", Cost: "flop=4"},
			{In: "f32[1,3,H]", Attrs: "kernel_shape=[3] strides=[2] ceil_mode=1", Out: "f32[1,3,floor(H/2)]", Cost: "flop=9*floor(H/2)"},
			{In: "f32[1,3,8]", Attrs: `kernel_shape=[3] strides=[2] auto_pad="VALID"`, Out: "f32[1,3,3]", Cost: "flop=27"},
			{In: "f32[*]", Attrs: `kernel_shape=[3]`, Out: "f32[?,?,?]"},
			{In: "f32[1,3,8]", Attrs: `kernel_shape=[3,3]`, Err: "kernel_shape"},
			{In: "f32[1,3,8]", Err: "kernel_shape"},
			{In: "f32[1,3]", Attrs: `kernel_shape=[3]`, Err: "rank"},
		},
	},
	{
		Name: "MaxPool", Since: []int{1},
		Doc: maximumDoc, In: "X:T", Out: "Y:T", Types: "T: float", Attrs: poolAttrs,
		Infer: inferPool, Cost: costMaxPool,
		Cases: []Case{{In: "f32[N,64,112,112]", Attrs: "kernel_shape=[3,3] strides=[2,2] pads=[1,1,1,1]", Out: "f32[N,64,56,56]", Cost: "cmp=1605632*N"}},
	},
	{
		Name: "MaxPool", Since: []int{8},
		Doc: maximumDoc, In: "X:T", Out: "Y:T, Indices?:int64", Types: "T: float", Attrs: poolAttrs + " storage_order:int=0",
		Infer: inferPool, Cost: costMaxPool,
		Cases: []Case{{In: "f32[1,1,5]", Attrs: "kernel_shape=[2]", Out: "f32[1,1,4] i64[1,1,4]", Cost: "cmp=4"}},
	},
	{
		Name: "MaxPool", Since: []int{10, 11, 12, 22},
		Doc: maximumDoc, In: "X:T", Out: "Y:T, Indices?:int64", Types: "T: float int8 uint8",
		Attrs: poolAttrs + " ceil_mode:int=0 dilations:ints storage_order:int=0",
		Infer: inferPool, Cost: costMaxPool,
		Cases: []Case{
			{In: "f32[1,1,4,4]", Attrs: "kernel_shape=[2,2] dilations=[2,2]", Out: "f32[1,1,2,2] i64[1,1,2,2]", Cost: "cmp=12"},
			{In: "f32[1,1,H]", Attrs: `kernel_shape=[3] strides=[2] auto_pad="SAME_UPPER"`, Out: "f32[1,1,floor((H+1)/2)]", Cost: "cmp=2*floor((H+1)/2)"},
			{In: "f32[1,1,1]", Attrs: "kernel_shape=[3]", Err: "is -1"},
			{In: "f32[1,1,5]", Attrs: "kernel_shape=[0]", Err: "kernel_shape"},
		},
	},
	{
		Name: "LpPool", Since: []int{1},
		Doc: lpDoc + "(ONNX Operators.md, LpPool-1)", In: "X:T", Out: "Y:T", Types: "T: float",
		Attrs: "auto_pad:string=NOTSET kernel_shape:ints pads:ints strides:ints p:float=2.0",
		Infer: inferPool, Cost: func(c *Call) Cost { return normCost(float64(c.Float("p", 2)), poolTaps(c)).Times(c.OutN(0)) },
		Cases: []Case{{In: "f32[1,2,4]", Attrs: "kernel_shape=[2] p=3", Out: "f32[1,2,3]", Cost: "flop=18 exp=18"}},
	},
	{
		Name: "LpPool", Since: []int{2, 11},
		Doc: lpDoc + "(ONNX Operators.md, LpPool-11)", In: "X:T", Out: "Y:T", Types: "T: float", Attrs: poolAttrs + " p:int=2",
		Infer: inferPool, Cost: costLpPool,
		Cases: []Case{{In: "f32[1,2,4]", Attrs: "kernel_shape=[2]", Out: "f32[1,2,3]", Cost: "flop=24"}},
	},
	{
		Name: "LpPool", Since: []int{18, 22},
		Doc: lpDoc + "(ONNX Operators.md, LpPool)", In: "X:T", Out: "Y:T", Types: "T: float", Attrs: poolAttrs + " p:int=2 ceil_mode:int=0 dilations:ints",
		Infer: inferPool, Cost: costLpPool,
		Cases: []Case{{In: "f32[1,2,4]", Attrs: "kernel_shape=[2] p=1 dilations=[2]", Out: "f32[1,2,2]", Cost: "flop=12"}},
	},
	{
		Name: "GlobalAveragePool", Since: []int{1, 22},
		Doc: "Average over all spatial axes. " + meanDoc + "(ONNX Operators.md, GlobalAveragePool)",
		In:  "X:T", Out: "Y:T", Types: "T: float",
		Infer: inferGlobalPool, Cost: func(c *Call) Cost { return Cost{Flop: c.InN(0)} },
		Cases: []Case{
			{In: "f32[N,2048,7,7]", Out: "f32[N,2048,1,1]", Cost: "flop=100352*N"},
			{In: "f32[1]", Err: "rank"},
		},
	},
	{
		Name: "GlobalMaxPool", Since: []int{1, 22},
		Doc: "Maximum over all spatial axes. " + maxDoc + "(ONNX Operators.md, GlobalMaxPool)",
		In:  "X:T", Out: "Y:T", Types: "T: float",
		Infer: inferGlobalPool, Cost: func(c *Call) Cost { return Cost{Cmp: c.InN(0).Sub(c.OutN(0))} },
		Cases: []Case{{In: "f32[N,3,7,7]", Out: "f32[N,3,1,1]", Cost: "cmp=144*N"}},
	},
	{
		Name: "GlobalLpPool", Since: []int{1},
		Doc: "p-norm over all spatial axes. " + normDoc + "(ONNX Operators.md, GlobalLpPool-1)",
		In:  "X:T", Out: "Y:T", Types: "T: float", Attrs: "p:float=2.0",
		Infer: inferGlobalPool, Cost: func(c *Call) Cost { return costGlobalNorm(c, float64(c.Float("p", 2))) },
		Cases: []Case{{In: "f32[1,2,4]", Attrs: "p=2.0", Out: "f32[1,2,1]", Cost: "flop=16"}},
	},
	{
		Name: "GlobalLpPool", Since: []int{2, 22},
		Doc: "p-norm over all spatial axes. " + normDoc + "(ONNX Operators.md, GlobalLpPool)",
		In:  "X:T", Out: "Y:T", Types: "T: float", Attrs: "p:int=2",
		Infer: inferGlobalPool, Cost: func(c *Call) Cost { return costGlobalNorm(c, float64(c.Int("p", 2))) },
		Cases: []Case{{In: "f32[1,2,4]", Attrs: "p=3", Out: "f32[1,2,1]", Cost: "flop=14 exp=10"}},
	},
}

func inferPool(c *Call) {
	x := c.ShapeOfRank(0, 3, -1)
	k := c.Ints("kernel_shape")
	if x == nil {
		x = c.UnknownShape(len(k) + 2)
	}
	w := c.window(len(x)-2, nil)
	for i := range w.kernel {
		if w.pad == padExplicit && max(w.begin[i], w.end[i]) >= k[i] {
			c.Warnf("pads of axis %d are as large as the kernel: a window lies in the padding", i)
		}
	}
	w.hangs = true
	out := append(x[:2:2], w.outs(x[2:])...)
	c.SetShape(0, out)
	c.SetShape(1, out)
}

func costAveragePool(c *Call) Cost { return Cost{Flop: poolTaps(c).Mul(c.OutN(0))} }

func costMaxPool(c *Call) Cost { return Cost{Cmp: poolTaps(c).AddInt(-1).Mul(c.OutN(0))} }

func costLpPool(c *Call) Cost {
	return normCost(float64(c.Int("p", 2)), poolTaps(c)).Times(c.OutN(0))
}

// poolTaps returns the size of the window.
func poolTaps(c *Call) graph.Dim { return c.window(len(c.OutShape(0))-2, nil).taps() }

func inferGlobalPool(c *Call) {
	x := c.ShapeOfRank(0, 3, -1)
	if x == nil {
		return
	}
	out := append(graph.Shape{}, x...)
	for i := 2; i < len(out); i++ {
		out[i] = graph.Int(1)
	}
	c.SetShape(0, out)
}

// normCost is the work of one p-norm over k elements.
func normCost(p float64, k graph.Dim) Cost {
	switch p {
	case 1:
		return Cost{Flop: k.MulInt(2).AddInt(-1)}
	case 2:
		return Cost{Flop: k.MulInt(2)}
	case math.Inf(1):
		return Cost{Flop: k, Cmp: k.AddInt(-1)}
	}
	return Cost{Flop: k.MulInt(2).AddInt(-1), Exp: k.AddInt(1)}
}

func costGlobalNorm(c *Call, p float64) Cost {
	return normCost(p, c.InShape(0)[2:].Elements()).Times(c.OutN(0))
}
