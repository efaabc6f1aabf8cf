"""What is known beforehand: operators that are not run, and disagreements that stay."""

from collections.abc import Callable
from dataclasses import dataclass

from case import Case
from ledger import REFUSED, WRONG

# Operators that no case is drawn for.
NOT_RUN = {
    "ImageDecoder": "ONNX Runtime has neither a kernel nor a function body for it",
}

REDUCTIONS = ("ArgMax", "ArgMin") + tuple(
    "Reduce" + n for n in "L1 L2 LogSum LogSumExp Max Mean Min Prod Sum SumSquare".split()
)
WEIGHTS = {"Conv": 1, "ConvInteger": 1, "QLinearConv": 3, "DeformConv": 1}  # op -> index of the weights
WINDOWS = ("MaxPool", "AveragePool", "LpPool", *WEIGHTS)


@dataclass
class Explanation:
    title: str
    ops: tuple[str, ...]
    decides: str  # the sentence of the standard, and what ONNX Runtime does instead
    fits: Callable[[Case, str], bool]  # of a case of these operators and its form
    verdicts: tuple[str, ...] = (WRONG,)

    def applies(self, case, form, verdict):
        return case.op in self.ops and verdict in self.verdicts and self.fits(case, form)


def steered_axes(case):
    """The axes of a reduction: an attribute, or the second input."""
    if len(case.inputs) > 1 and case.inputs[1] is not None:
        return case.inputs[1].value.tolist()
    axes = case.attrs.get("axes", case.attrs.get("axis", []))
    return axes if isinstance(axes, list) else [axes]


def empty_reduction(case, form):
    x = case.inputs[0].value
    return (x.size == 0 or x.ndim == 0) and any(not 0 <= a < x.ndim for a in steered_axes(case))


def window_hangs_over(case, form):
    """A window larger than its padded input, of a size not told."""
    if form != "symbols":
        return False
    weight = WEIGHTS.get(case.op)
    kernel = case.attrs["kernel_shape"] if weight is None else case.inputs[weight].value.shape[2:]
    size, n = case.inputs[0].value.shape[2:], len(kernel)
    dilations, pads = case.attrs.get("dilations", [1] * n), case.attrs.get("pads", [0] * 2 * n)
    return any((kernel[i] - 1) * dilations[i] + 1 > size[i] + pads[i] + pads[i + n] for i in range(n))


def same_with_dilations(case, form):
    return case.attrs.get("auto_pad", "").startswith("SAME") and any(d > 1 for d in case.attrs.get("dilations", []))


def aspect_of_other_axes(case, form):
    axes = case.attrs.get("axes", [])
    return case.attrs.get("keep_aspect_ratio_policy", "stretch") != "stretch" and axes != list(range(len(axes)))


def axis_out_of_range(case, form):
    """An axis that is out of range as written, but in range in 32 bits or not looked at for want of elements."""
    axis = int(case.inputs[1].value.flat[0]) if len(case.inputs) > 1 else case.attrs.get("axis", 0)
    rank = case.inputs[0].value.ndim
    return not -rank <= axis < rank


def weights_beyond_classes(case, form):
    return len(case.inputs) == 3 and case.inputs[2].value.shape[0] > case.inputs[0].value.shape[1]


def stack_of_different_shapes(case, form):
    shapes = {x.value.shape for x in case.inputs}
    return case.attrs.get("new_axis") == 1 and len(shapes) > 1


def split_without_keepdims(case, form):
    return len(case.inputs) == 2 and case.attrs.get("keepdims") == 0


def empty_product(case, form):
    return any(0 in x.value.shape for x in case.inputs[:2])


EXPLANATIONS = [
    Explanation(
        "NonZero of a scalar",
        ("NonZero",),
        '"for scalar input, NonZero produces output shape (0, N) instead of (1, N), which is different from '
        "Numpy's behavior\" (NonZero-13). ONNX Runtime answers [1, N].",
        lambda case, form: case.inputs[0].value.ndim == 0,
    ),
    Explanation(
        "Reductions of a scalar, or of an empty tensor along an axis that is negative or out of range",
        REDUCTIONS,
        '"Accepted range is [-r, r-1] where r = rank(data)" (axes of ReduceMax-20, axis of ArgMax-13). For an empty '
        "tensor ONNX Runtime compares the axes as written: a negative one is not reduced (nor, in ArgMax and ArgMin, "
        "found to be empty, which it refuses when the axis is written as positive), one out of range is passed over. "
        "ReduceMax-11 passes a scalar on, whatever the axes.",
        empty_reduction,
        (WRONG, REFUSED),
    ),
    Explanation(
        "A window larger than the padded input, as a formula",
        WINDOWS,
        '"output_spatial_shape[i] = floor((input_spatial_shape[i] + pad_shape[i] - dilation[i] * (kernel_shape[i] - 1) '
        '- 1) / strides_spatial_shape[i] + 1)" (MaxPool-22). ONNX Runtime divides towards zero, which is not floor below '
        "zero. With the sizes known onnxmeter gives ONNX Runtime's number; the printed formula is the standard's.",
        window_hangs_over,
    ),
    Explanation(
        "Pooling with SAME padding and dilations",
        WINDOWS,
        '"SAME_UPPER or SAME_LOWER mean pad the input so that `output_shape[i] = ceil(input_shape[i] / strides[i])` for '
        'each axis `i`" (auto_pad of MaxPool-22, LpPool-22). ONNX Runtime pads for the kernel without its dilations.',
        same_with_dilations,
    ),
    Explanation(
        "Resize that keeps the aspect ratio, axes other than 0, 1, 2, ...",
        ("Resize",),
        '"scale = Min(sizes[i] / in_size[d]); out_size[d] = round_int(scale * in_size[d])", where d = axes[i], '
        "counted from the back where it is negative (Resize-19). ONNX Runtime takes in_size[i] for the axis d, and "
        "passes over a negative one.",
        aspect_of_other_axes,
    ),
    Explanation(
        "ConcatFromSequence on a new axis of tensors that differ in shape",
        ("ConcatFromSequence",),
        "\"When 'new_axis' is 1, the behavior is similar to numpy.stack\" (ConcatFromSequence-11), which wants one shape. "
        "ONNX Runtime passes over empty tensors when it compares.",
        stack_of_different_shapes,
    ),
    Explanation(
        "SplitToSequence with split and keepdims = 0",
        ("SplitToSequence",),
        "\"If input 'split' is specified, this attribute is ignored\" (keepdims of SplitToSequence-24). ONNX Runtime drops "
        "the axis where the pieces are of size 1.",
        split_without_keepdims,
    ),
    Explanation(
        "MatMul of empty matrices",
        ("MatMul", "MatMulInteger", "QLinearMatMul"),
        '"Matrix product that behaves like numpy.matmul" (MatMul-13): batch dims broadcast whether or not a matrix is '
        "empty. ONNX Runtime does not broadcast a batch dim of 1 when the other operand has no elements.",
        empty_product,
    ),
    Explanation(
        "An axis out of range that is not looked at",
        ("Softmax", "LogSoftmax", "Hardmax", "CumSum", "CumProd"),
        '"Accepted range is [-r, r-1] where r = rank(input)" (axis of LogSoftmax-13), "Must be in the range [-rank(x), '
        'rank(x)-1]" (axis of CumSum-14). ONNX Runtime cuts the attribute to 32 bits, and does not look at the axis of '
        "an empty tensor.",
        axis_out_of_range,
        (REFUSED,),
    ),
    Explanation(
        "More weights than classes",
        ("NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"),
        '"If given, it has to be a tensor of size C" (weight of NegativeLogLikelihoodLoss-13), "it has to be a 1D Tensor '
        'assigning weight to each of the classes" (SoftmaxCrossEntropyLoss-13). ONNX Runtime gathers from a longer one.',
        weights_beyond_classes,
        (REFUSED,),
    ),
]
