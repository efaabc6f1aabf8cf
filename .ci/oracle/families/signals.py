"""Images, signals and text."""

import numpy as np

from case import steer


COORDINATES = (
    "align_corners", "asymmetric", "tf_crop_and_resize", "pytorch_half_pixel", "tf_half_pixel_for_nn", "half_pixel_symmetric",
)  # fmt: skip


def scale(g):
    return g.pick(1, 1, 2, 0.5, 1.5, 1 / 3, 0.7, 1.1, g.r.random() * 3 + 0.2)


def resize(g):
    shape = g.dims(1, 4, 9, 0.01)
    rank = len(shape)
    mode = g.pick("nearest", "nearest", "linear", "cubic")
    attrs = {} if mode == "nearest" and g.maybe(0.5) else {"mode": mode}
    x = g.tensor(shape, g.input_type())
    if g.opset < 11:
        return g.case([x, steer([scale(g) for _ in shape], np.float32)], {k: v for k, v in attrs.items() if v != "cubic"})
    axes = list(range(rank))
    if "axes" in g.schema.attributes and g.maybe(0.5):
        axes = g.axes(rank, 1)
        attrs["axes"] = axes
    if g.maybe(0.3):
        attrs["coordinate_transformation_mode"] = g.pick(*COORDINATES)
    crop = attrs.get("coordinate_transformation_mode") == "tf_crop_and_resize"
    empty = np.zeros(0, np.float32)
    roi = steer([0.1] * len(axes) + [0.8] * len(axes), np.float32) if crop else steer(empty, np.float32) if g.opset < 13 else None
    none = steer(empty, np.float32) if g.opset < 13 else None
    if g.maybe(0.5):
        return g.case([x, roi, steer([scale(g) for _ in axes], np.float32)], attrs)
    if "keep_aspect_ratio_policy" in g.schema.attributes and g.maybe(0.5):
        attrs["keep_aspect_ratio_policy"] = g.pick("stretch", "not_larger", "not_smaller")
    return g.case([x, roi, none, steer([g.int(1, 12) for _ in axes])], attrs)


def upsample(g):
    shape = g.dims(1, 4, 6, 0.01)
    scales = [g.pick(1.0, 1.0, 2.0, 3.0, 1.5) for _ in shape]
    x = g.tensor(shape, g.input_type())
    return g.case([x], {"scales": scales}) if g.opset < 9 else g.case([x, steer(scales, np.float32)])


def grid_sample(g):
    n, batch = (g.int(2, 3) if g.opset >= 20 else 2), g.int(1, 2)
    shape = [batch, g.int(1, 3), *[g.int(1, 5) for _ in range(n)]]
    grid = [batch + g.maybe(0.02), *[g.int(1, 5) for _ in range(n)], n + g.maybe(0.02)]
    names = ("bilinear", "nearest", "bicubic") if g.opset < 20 else ("linear", "nearest", "cubic")
    attrs = {"mode": g.r.choice(names)} if g.maybe(0.6) else {}
    return g.case([g.tensor(shape, g.input_type()), g.tensor(grid, g.input_type(1), -1, 1)], attrs)


def regions(g):
    n, t = g.int(0, 4), g.input_type()
    x = g.tensor([2, g.int(1, 3), g.int(2, 6), g.int(2, 6)], t)
    size = [g.int(1, 4), g.int(1, 4)]
    if g.op == "MaxRoiPool":
        boxes = np.concatenate([np.zeros((n, 1)), np.sort(np.abs(g.tensor([n, 4], 1)), 1)], 1).astype(x.dtype)
        return g.case([x, boxes], {"pooled_shape": size})
    attrs = {"output_height": size[0], "output_width": size[1]} if g.maybe(0.9) else {}
    if g.maybe(0.3):
        attrs |= {"mode": g.pick("avg", "max"), "sampling_ratio": g.int(0, 2)}
    return g.case([x, g.tensor([n, 4], t, 0, 5), g.tensor([n + g.maybe(0.03)], np.int64, 0, 1)], attrs)


def suppression(g):
    batch, classes, boxes = g.int(1, 2), g.int(1, 2), g.int(0 if g.maybe(0.05) else 1, 6)
    b = g.np.random((batch, boxes, 4)).astype(np.float32)
    s = g.np.random((batch, classes, boxes)).astype(np.float32)
    most = np.array(g.pick(0, 1, 2, 9), np.int64).reshape(g.pick([], [1])) if g.maybe(0.85) else None
    overlap = np.array(0.5, np.float32) if g.maybe(0.6) else None
    least = np.array(0.3, np.float32) if g.maybe(0.5) else None
    return g.case([b, s, most, overlap, least], {"center_point_box": 1} if g.maybe(0.3) else {})


def crop_pad(g):
    shape = g.dims(1, 4, 6, 0.01)
    axes = None if g.maybe(0.4) else g.axes(len(shape), 1)
    n = len(shape) if axes is None else len(axes)
    target = steer([g.int(1, 8) for _ in range(n)], g.tensor([], g.input_type(1)).dtype)
    return g.case([g.tensor(shape, g.input_type()), target], {} if axes is None else {"axes": axes})


def dft(g):
    rank = g.int(2, 4)
    inverse, onesided = g.maybe(0.3), g.maybe(0.35)
    last = g.pick(1, 2) if not onesided else (2 if inverse else 1)
    shape = [g.int(1, 8) for _ in range(rank - 1)] + [last]
    attrs = {k: 1 for k, v in (("inverse", inverse), ("onesided", onesided)) if v}
    axis = g.r.choice([*range(-rank, -1), *range(rank - 1)])
    length = steer(g.int(1, 10), g.tensor([], g.input_type(1)).dtype) if g.maybe(0.5) else None
    x = g.tensor(shape, g.input_type())
    if "axis" in g.schema.attributes:
        return g.case([x, length], attrs | ({"axis": axis} if g.maybe(0.8) or rank == 2 else {}))
    return g.case([x, length, steer(axis) if g.maybe(0.7) else None], attrs)


def stft(g):
    length, frame = g.int(8, 30), g.int(1, 8)
    t, ti = g.input_type(), g.tensor([], g.input_type(1)).dtype
    signal = g.tensor([g.int(1, 2), length, *g.pick([], [1], [1], [2])], t)
    frames = g.tensor([frame + g.maybe(0.02)], t) if g.maybe(0.6) else None
    size = steer(frame, ti) if frames is None or g.maybe(0.5) else None
    attrs = {"onesided": g.int(0, 1)} if g.maybe(0.6) else {}
    if signal.shape[2:] == (2,):
        attrs["onesided"] = 0
    return g.case([signal, steer(g.int(1, 6), ti), frames, size], attrs)


def filter_bank(g):
    t = g.tensor([], g.input_type()).dtype
    numbers = [steer(v, t) for v in (g.int(1, 8), g.int(16, 40), 8000)]
    edges = [np.array(v, g.tensor([], g.input_type(3)).dtype) for v in (0, 3500)]
    return g.case([*numbers, *edges], {"output_datatype": g.pick(1, 11)} if g.maybe(0.3) else {})


def window(g):
    attrs = {"output_datatype": g.pick(1, 11, 10)} if g.maybe(0.4) else {}
    if g.maybe(0.4):
        attrs["periodic"] = g.int(0, 1)
    return g.case([steer(g.int(0 if g.maybe(0.05) else 1, 40), g.tensor([], g.input_type()).dtype)], attrs)


def string_concat(g):
    shape = g.dims(0, 3)
    return g.case([g.words(g.shrunk(shape)), g.words(g.shrunk(shape))])


def string_split(g):
    texts = ("a,b", "a,,b", ",", "x", "  a b ", "a b c d", "a--b--c")
    attrs = {"delimiter": g.pick(",", "--", "", " ")} if g.maybe(0.7) else {}
    if g.maybe(0.5):
        attrs["maxsplit"] = g.pick(0, 1, 2, 5)
    return g.case([g.words(g.dims(0, 3, 3), texts)], attrs, 2)


def regex(g):
    return g.case([g.words(g.dims(0, 3), ("a", "ab", "aab", "ABC"))], {"pattern": g.pick("a", "a+b", ".*", "(a|b)*", "[A-Z]+")})


def normalizer(g):
    shape = g.pick([g.int(1, 5)], [1, g.int(1, 5)])
    attrs = {"locale": "C", "is_case_sensitive": g.int(0, 1), "case_change_action": g.pick("NONE", "LOWER", "UPPER")}
    if g.maybe(0.7):
        attrs["stopwords"] = g.r.sample(["a", "A", "b", "c"], g.int(1, 3))
    return g.case([g.words(shape, ("a", "A", "b", "c", "d"))], attrs)


def tf_idf(g):
    low = g.int(1, 2)
    attrs = {
        "mode": g.pick("TF", "IDF", "TFIDF"), "min_gram_length": low, "max_gram_length": g.int(low, 2),
        "max_skip_count": g.int(0, 2), "ngram_counts": [0, 2], "ngram_indexes": g.pick([0, 1, 2], [3, 0, 9]),
    }  # fmt: skip
    if g.maybe(0.4):
        attrs["weights"] = [0.5, 1.0, 2.0]
    t = g.input_type()
    attrs |= {"pool_strings": ["a", "b", "a", "b"]} if t == 8 else {"pool_int64s": [1, 2, 1, 2]}
    return g.case([g.tensor(g.dims(1, 2, 6, 0), t)], attrs)


GENERATORS = {
    "Resize": resize, "Upsample": upsample, "GridSample": grid_sample, "RoiAlign": regions, "MaxRoiPool": regions,
    "NonMaxSuppression": suppression, "CenterCropPad": crop_pad, "DFT": dft, "STFT": stft,
    "MelWeightMatrix": filter_bank, "HannWindow": window, "HammingWindow": window, "BlackmanWindow": window,
    "StringConcat": string_concat, "StringSplit": string_split, "RegexFullMatch": regex,
    "StringNormalizer": normalizer, "TfIdfVectorizer": tf_idf,
}  # fmt: skip
