"""The model of a case, in the forms in which its inputs can be told."""

import numpy as np
import onnx
from onnx import helper, numpy_helper

from case import PACKED, elem_type

# given: steering inputs are constants, the others have their dims;
# constant: every input is a constant; symbols: as given, each dim is a symbol;
# open: no value is known.
FORMS = ("given", "constant", "symbols", "open")


def is_constant(x, form):
    return elem_type(x.value) in PACKED or form == "constant" or (x.steers and form != "open")


def symbol(i, axis, size, shared):
    """Equal sizes share a symbol, or every dim has its own."""
    return f"v{size}" if shared else f"d{i}_{axis}"


def attribute(name, value):
    if value == []:
        return helper.make_attribute(name, value, attr_type=onnx.AttributeProto.INTS)
    return helper.make_attribute(name, value)


def constant(array, name):
    if array.dtype == object:
        return helper.make_tensor(name, 8, array.shape, [s.encode() for s in array.flatten()])
    return numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape), name)


def build(case, form, shared=True):
    """(serialized model, {symbol: size}) of a case in a form."""
    inputs, constants, sizes = [], [], {}
    for i, x in enumerate(case.inputs):
        if x is None:
            continue
        if is_constant(x, form):
            constants.append(constant(x.value, f"x{i}"))
            continue
        shape = list(x.value.shape)
        for axis, d in enumerate(shape):
            if form == "symbols" and d > 0:  # a symbol stands for at least 1
                shape[axis] = symbol(i, axis, d, shared)
                sizes[shape[axis]] = d
        inputs.append(helper.make_tensor_value_info(f"x{i}", elem_type(x.value), shape))
    args = case.args or ["" if x is None else f"x{i}" for i, x in enumerate(case.inputs)]
    node = helper.make_node(case.op, args, case.outputs, name="n")
    node.attribute.extend(attribute(k, v) for k, v in case.attrs.items())
    outputs = [onnx.ValueInfoProto(name=o) for o in case.outputs if o]
    graph = helper.make_graph([*case.before, node], "g", inputs, outputs, constants)
    # 8 is the oldest that every tested opset allows; 4-bit types need 10, 2-bit ones 13
    version = 13 if case.opset > 24 else 10 if case.opset > 19 else 8
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", case.opset)], ir_version=version)
    return model.SerializeToString(), sizes
