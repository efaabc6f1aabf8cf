"""The nodes that are compared with the function bodies of the standard.

A case is (inputs, outputs, attributes): inputs as "f32[N,3] i64[2]={4,2} _", where ={...}
makes a constant and _ omits an input; outputs is how many are asked for. The first case
of an operator is the one whose costs the ledger shows.
"""

POINTWISE = ["f32[N,3,4]", "f32", "f32[7]", "f16[2,0,3]", "f32[A,B]"]


def unary(*attr_sets):
    return [(x, 1, dict(a)) for a in (attr_sets or ({},)) for x in POINTWISE]


REDUCED = [("f32[N,4,6] i64[1]={2}", 1, {}), ("f32[N,4,6] i64[2]={0,-1}", 1, {"keepdims": 0}), ("f32[2,3]", 1, {}), ("f32[2,3]", 1, {"keepdims": 0}),
           ("f32[2,3]", 1, {"noop_with_empty_axes": 1}), ("f32[A,B,5] i64[1]={1}", 1, {"keepdims": 1}), ("f32[1] i64[1]={0}", 1, {})]
BROADCAST = ["f32[N,3,4] f32[N,3,4]", "f32[2,3,4] f32[4]", "f32[3,1] f32[1,5]", "f32 f32[2]", "i32[2,1] i32[1,3]", "f32[A,1,C] f32[1,B,1]"]
SOFTMAX = [("f32[N,4,6]", 1, {}), ("f32[2,3]", 1, {"axis": 0}), ("f32[2,3,4,5]", 1, {"axis": -2}), ("f32[7]", 1, {}), ("f32[A,B]", 1, {"axis": 1})]
LOSS = [("f32[N,5] i64[N]", 1, {}), ("f32[N,5] i64[N]", 1, {"reduction": "none"}), ("f32[3,5] i64[3]", 1, {"reduction": "sum"}), ("f32[3,5] i64[3] f32[5]", 1, {}),
        ("f32[2,5,3,4] i64[2,3,4]", 1, {"reduction": "none"}), ("f32[2,5,3,4] i64[2,3,4] f32[5]", 1, {"ignore_index": 1}), ("f32[2,5,7] i32[2,7]", 1, {"reduction": "mean", "ignore_index": -1})]
WINDOW = [("i64", 1, {}), ("i64={10}", 1, {}), ("i32={7}", 1, {"periodic": 0}), ("i64={16}", 1, {"output_datatype": 11})]
QKV4 = "f32[B,4,S,8] f32[B,4,T,8] f32[B,4,T,8]"
ATTENTION = [(QKV4, 1, {}), ("f32[2,4,3,8] f32[2,4,5,8] f32[2,4,5,6]", 1, {}), ("f32[2,4,3,8] f32[2,2,5,8] f32[2,2,5,8]", 1, {}),
             ("f32[2,3,32] f32[2,5,16] f32[2,5,16]", 1, {"q_num_heads": 4, "kv_num_heads": 2}), ("f32[2,4,3,8] f32[2,4,5,8] f32[2,4,5,8] f32[3,5]", 1, {"softcap": 2.0}),
             ("f32[2,4,3,8] f32[2,4,5,8] f32[2,4,5,8] _ f32[2,4,6,8] f32[2,4,6,8]", 3, {}), ("f32[2,4,3,8] f32[2,4,3,8] f32[2,4,3,8]", 1, {"is_causal": 1}),
             ("f32[2,4,3,8] f32[2,4,5,8] f32[2,4,5,8] bool[2,1,3,5]", 1, {"scale": 0.5}), ("f32[B,S,32] f32[B,T,32] f32[B,T,32]", 1, {"q_num_heads": 4, "kv_num_heads": 4}),
             ("f32[2,4,3,8] f32[2,4,5,8] f32[2,4,5,8] f32[3,5] _ _", 4, {"qk_matmul_output_mode": 1})]
LINEAR = "f32[B,S,32] f32[B,S,16] f32[B,S,16]"

CASES = {
    "AffineGrid": [("f32[N,2,3] i64[4]={2,3,4,5}", 1, {}), ("f32[2,2,3] i64[4]={2,3,6,7}", 1, {"align_corners": 1}), ("f32[2,3,4] i64[5]={2,3,4,5,6}", 1, {})],
    "Attention": ATTENTION,
    "Bernoulli": unary({}, {"dtype": 11}),
    "BlackmanWindow": WINDOW, "HammingWindow": WINDOW, "HannWindow": WINDOW,
    "CastLike": [("f32[N,3] i64[4]", 1, {}), ("i32[2] f16", 1, {}), ("f32 bool[1]", 1, {}), ("f64[A,B] f32[2]", 1, {})],
    "CausalConvWithState": [("f32[B,6,L] f32[6,1,4]", 2, {}), ("f32[2,6,9] f32[6,1,4] f32[6]", 2, {}), ("f32[2,6,9] f32[6,1,4] f32[6] f32[2,6,3]", 2, {"activation": "silu"}),
                            ("f32[2,6,1] f32[6,1,3] _ f32[2,6,2]", 2, {})],
    "Celu": unary({}, {"alpha": 2.0}),
    "CenterCropPad": [("f32[10,7,3] i64[3]={4,9,3}", 1, {}), ("f32[10,8] i64[1]={5}", 1, {"axes": [1]}), ("f32[2,3] i64[2]={5,5}", 1, {"axes": [-2, -1]})],
    "Clip": [("f32[N,3,4] f32 f32", 1, {}), ("f32[2,3]", 1, {}), ("f32[2,3] f32", 1, {}), ("f32[2,3] _ f32", 1, {}), ("f32[A,B] f32={0} f32={6}", 1, {})],
    "DepthToSpace": [("f32[N,8,2,3]", 1, {"blocksize": 2}), ("f32[1,18,H,W]", 1, {"blocksize": 3, "mode": "CRD"})],
    "SpaceToDepth": [("f32[N,2,4,6]", 1, {"blocksize": 2}), ("f32[1,3,6,9]", 1, {"blocksize": 3})],
    "DynamicQuantizeLinear": [("f32[N,3,4]", 3, {}), ("f32[5]", 3, {}), ("f32[A,B]", 3, {})],
    "Elu": unary({}, {"alpha": 2.0}),
    "FlexAttention": [(QKV4, 1, {}), ("f32[2,4,3,8] f32[2,2,5,8] f32[2,2,5,6]", 1, {"scale": 0.25})],
    "Gelu": unary({}, {"approximate": "tanh"}),
    "GreaterOrEqual": [(x, 1, {}) for x in BROADCAST], "LessOrEqual": [(x, 1, {}) for x in BROADCAST],
    "GroupNormalization": [("f32[N,6,4,4] f32[S] f32[S]", 1, {"num_groups": 3}), ("f32[2,8,5] f32[S] f32[S]", 1, {"num_groups": 2, "epsilon": 0.1}), ("f32[2,8,H,W] f32[S] f32[S]", 1, {"num_groups": 4})],
    "HardSigmoid": unary({}, {"alpha": 0.5, "beta": 0.1}), "HardSwish": unary(), "LeakyRelu": unary({}, {"alpha": 0.2}), "Mish": unary(), "Relu": unary(),
    "Selu": unary({}, {"alpha": 1.0}), "Shrink": unary({}, {"lambd": 0.1, "bias": 0.2}), "Softplus": unary(), "Softsign": unary(), "Swish": unary({}, {"alpha": 2.0}),
    "ThresholdedRelu": unary({}, {"alpha": 2.0}),
    "LayerNormalization": [("f32[N,4,6] f32[6] f32[6]", 1, {}), ("f32[2,4,6] f32[6]", 1, {}), ("f32[2,4,6] f32[4,6] f32[4,6]", 1, {"axis": 1}), ("f32[2,4,6] f32[6] f32[6]", 3, {"axis": -1}), ("f32[A,B,8] f32[8]", 1, {"epsilon": 0.1})],
    "LinearAttention": [(LINEAR, 2, {"q_num_heads": 4, "kv_num_heads": 2, "update_rule": "linear"}), ("f32[2,5,32] f32[2,5,16] f32[2,5,16] f32[2,2,8,8]", 2, {"q_num_heads": 4, "kv_num_heads": 2, "update_rule": "linear"}),
                        ("f32[2,5,32] f32[2,5,16] f32[2,5,16] _ f32[2,5,2]", 2, {"q_num_heads": 4, "kv_num_heads": 2, "update_rule": "gated"}),
                        ("f32[2,5,32] f32[2,5,16] f32[2,5,16] _ _ f32[2,5,2]", 2, {"q_num_heads": 4, "kv_num_heads": 2, "update_rule": "delta"}),
                        ("f32[2,5,32] f32[2,5,16] f32[2,5,16] _ f32[2,5,16] f32[2,5,1]", 2, {"q_num_heads": 4, "kv_num_heads": 2, "update_rule": "gated_delta"})],
    "LogSoftmax": SOFTMAX, "Softmax": SOFTMAX,
    "MeanVarianceNormalization": [("f32[N,3,4,4]", 1, {}), ("f32[2,3,4,5]", 1, {"axes": [0, 1]}), ("f32[2,3,4]", 1, {"axes": [2]})],
    "NegativeLogLikelihoodLoss": LOSS, "SoftmaxCrossEntropyLoss": LOSS + [(x, 2, a) for x, _, a in LOSS],
    "PRelu": [("f32[N,3,4] f32[3,1]", 1, {}), ("f32[2,3] f32[3]", 1, {}), ("f32[2,3] f32[1]", 1, {}), ("f32[A,B] f32[B]", 1, {})],
    "RMSNormalization": [("f32[N,4,6] f32[6]", 1, {}), ("f32[2,4,6] f32[4,6]", 1, {"axis": 1}), ("f32[A,B,8] f32[8]", 1, {"epsilon": 0.1})],
    "Range": [("i64={0} i64={10} i64={3}", 1, {}), ("f32={0} f32={1} f32={0.25}", 1, {}), ("i32={5} i32={0} i32={-2}", 1, {}), ("i64={3} i64={3} i64={1}", 1, {}), ("i64 i64 i64", 1, {})],
    "ReduceL1": REDUCED, "ReduceL2": REDUCED, "ReduceLogSum": REDUCED, "ReduceLogSumExp": REDUCED, "ReduceSumSquare": REDUCED,
    "RotaryEmbedding": [("f32[B,4,S,8] f32[50,4] f32[50,4] i64[B,S]", 1, {}), ("f32[2,4,3,8] f32[2,3,4] f32[2,3,4]", 1, {}), ("f32[2,3,32] f32[50,4] f32[50,4] i64[2,3]", 1, {"num_heads": 4, "interleaved": 1}),
                        ("f32[2,4,3,8] f32[50,2] f32[50,2] i64[2,3]", 1, {"rotary_embedding_dim": 4})],
    "SequenceMap": [],
    "SwiGLU": [("f32[N,3,4] f32[N,3,4]", 1, {}), ("f32[A,B] f32[A,B]", 1, {"alpha": 2.0}), ("f16[2,3] f16[2,3]", 1, {})],
}

# Operators without a case, each with the reason.
LEFT_OUT = {"SequenceMap": "its body is a Loop over the caller's own graph: control flow is tested apart"}

# MULTIPLY: operators whose body multiplies matrices; their MACs must agree.
MULTIPLY = {"Attention", "FlexAttention", "LinearAttention", "CausalConvWithState"}

# Cases whose body is no body of that case, each with the reason.
NOT_EQUAL = {
    ("Celu", 12, "f32"): "the body divides by an alpha of shape [1], so that a scalar would become a vector, against the shape that the text and type inference give",
    ("Celu", 12, "f16[2,0,3]"): "version 12 takes float32 only",
}
