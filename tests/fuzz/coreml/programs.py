"""Small ML Programs of every kind, written by coremltools: what the fuzzer starts from."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import coremltools as ct
    from coremltools.converters.mil import Builder as mb
    from coremltools.converters.mil.mil import get_new_symbol, types

RNG = np.random.default_rng(4)
T = ct.target


def f(*shape: int) -> Any:
    """Weights."""
    return RNG.standard_normal(shape).astype(np.float32)


def dense(x: Any) -> Any:
    h = mb.relu(x=mb.linear(x=x, weight=f(8, 6), bias=f(8)))
    h = mb.gelu(x=mb.layer_norm(x=h, axes=[-1], gamma=f(8), beta=f(8)), mode="TANH_APPROXIMATION")
    return mb.softmax(x=mb.matmul(x=h, y=f(8, 3)), axis=-1)


def convolution(x: Any) -> Any:
    h = mb.conv(x=x, weight=f(4, 2, 3, 3), bias=f(4), pad_type="same", strides=[2, 1])
    h = mb.batch_norm(x=h, mean=f(4), variance=np.abs(f(4)) + 1, gamma=f(4), beta=f(4))
    h = mb.prelu(x=h, alpha=f(4))
    h = mb.max_pool(x=h, kernel_sizes=[2, 2], strides=[1, 1], pad_type="custom", pad=[1, 0, 0, 1])
    h = mb.avg_pool(x=h, kernel_sizes=[2, 2], pad_type="valid", exclude_padding_from_average=True)
    h = mb.conv_transpose(x=h, weight=f(4, 2, 2, 2), strides=[2, 2], pad_type="valid", output_shape=None)
    h = mb.conv(x=h, weight=f(2, 1, 2, 2), groups=2, dilations=[2, 1], pad_type="custom", pad=[1, 1, 0, 0])
    h = mb.local_response_norm(x=mb.instance_norm(x=h, gamma=f(2), beta=f(2)), size=3)
    return mb.pad(x=h, pad=[1, 1, 0, 2], mode="constant", constant_val=np.float32(0.5))


def recurrent(x: Any) -> Any:
    many, h, c = mb.lstm(
        x=x,
        initial_h=f(1, 6),
        initial_c=f(1, 6),
        weight_ih=f(12, 2),
        weight_hh=f(12, 3),
        bias=f(12),
        weight_ih_back=f(12, 2),
        weight_hh_back=f(12, 3),
        bias_back=f(12),
        direction="bidirectional",
        output_sequence=True,
    )
    y, last = mb.gru(
        x=many, initial_h=f(1, 2), weight_ih=f(6, 6), weight_hh=f(6, 2), bias=f(6), output_sequence=True
    )
    z, _ = mb.rnn(x=y, initial_h=f(1, 2), weight_ih=f(2, 2), weight_hh=f(2, 2), bias=f(2), activation="relu")
    return z, last, h, c


def control(x: Any, n: Any) -> Any:
    one = np.float32([1])

    def body(i: Any, total: Any) -> Any:
        more = mb.cond(
            pred=mb.squeeze(x=mb.greater(x=i, y=np.float32([1]))),
            _true_fn=lambda: mb.add(x=total, y=x),
            _false_fn=lambda: mb.mul(x=total, y=np.float32(2)),
        )
        return mb.add(x=i, y=one), more

    return mb.while_loop(
        _cond=lambda i, total: mb.squeeze(x=mb.less(x=i, y=np.float32([3]))), _body=body, loop_vars=(n, x)
    )


def lists(a: Any, b: Any) -> Any:
    ls = mb.make_list(init_length=1, elem_shape=(2,))
    ls = mb.list_write(ls=ls, index=0, value=a)
    ls = mb.list_scatter(ls=ls, indices=[2, 3], value=f(2, 2))
    ls = mb.list_write(ls=ls, index=1, value=b)
    length = mb.list_length(ls=ls)
    places = mb.range_1d(start=0, end=length, step=1)
    return mb.list_gather(ls=ls, indices=places), mb.list_read(ls=ls, index=2)


def state(x: Any, memory: Any) -> Any:
    total = mb.add(x=mb.read_state(input=memory), y=x)
    return mb.mul(x=mb.coreml_update_state(state=memory, value=total), y=np.float16(2))


def compressed_old(x: Any) -> Any:
    a = mb.constexpr_affine_dequantize(
        quantized_data=np.arange(24, dtype=np.int8).reshape(6, 4),
        scale=np.full(6, 0.5, np.float16),
        zero_point=np.zeros(6, np.int8),
        axis=0,
    )
    b = mb.constexpr_lut_to_dense(
        indices=np.arange(6, dtype=np.uint8),
        lut=np.linspace(-1, 1, 4).astype(np.float16),
        shape=np.array([4, 6], np.uint32),
    )
    c = mb.constexpr_sparse_to_dense(
        nonzero_data=np.ones(4, np.float16),
        mask=np.array([0x1B], np.uint8),
        shape=np.array([2, 4], np.uint32),
    )
    d = mb.constexpr_cast(source_val=np.float16([1, 2]), output_dtype="fp32")
    h = mb.linear(x=mb.linear(x=x, weight=a), weight=b)
    return mb.linear(x=h, weight=c), d


def compressed(x: Any) -> Any:
    four = types.nptype_from_builtin(types.int4)
    two = types.nptype_from_builtin(types.uint2)
    one = types.nptype_from_builtin(types.uint1)
    data = (np.arange(32).reshape(4, 8) % 16 - 8).astype(four)
    a = mb.constexpr_blockwise_shift_scale(data=data, scale=np.full((4, 2), 0.5, np.float16))
    indices = (np.arange(16).reshape(4, 4) % 4).astype(two)
    b = mb.constexpr_lut_to_dense(indices=indices, lut=f(2, 1, 4, 1).astype(np.float16))
    mask = (np.arange(8).reshape(2, 4) % 2).astype(one)
    c = mb.constexpr_sparse_to_dense(nonzero_data=np.ones(4, np.float16), mask=mask)
    h = mb.linear(x=mb.linear(x=x, weight=a), weight=b)
    return mb.linear(x=h, weight=c)


def indexing(x: Any) -> Any:
    g = mb.gather(x=x, indices=np.int32([2, 0]), axis=1)
    nd = mb.gather_nd(x=x, indices=np.int32([[0, 1], [1, 2]]))
    along = mb.gather_along_axis(x=x, indices=np.zeros((2, 2), np.int32), axis=1)
    s = mb.scatter(data=x, indices=np.int32([1]), updates=f(1, 4), axis=0, mode="add")
    snd = mb.scatter_nd(data=x, indices=np.int32([[0, 1]]), updates=f(1), mode="update")
    sal = mb.scatter_along_axis(data=x, indices=np.zeros((1, 4), np.int32), updates=f(1, 4), axis=0)
    sliced = mb.slice_by_index(x=s, begin=[0, 3], end=[2, 0], stride=[1, -1], end_mask=[True, False])
    sized = mb.slice_by_size(x=snd, begin=[0, 1], size=[-1, 2])
    values, places = mb.topk(x=sal, k=2, axis=1)
    order = mb.argsort(x=x, axis=1)
    return g, nd, along, sliced, sized, values, places, order, mb.non_zero(x=mb.relu(x=x))


def shaping(x: Any) -> Any:
    sizes = mb.shape(x=x)
    r = mb.reshape(
        x=x, shape=mb.concat(values=[mb.slice_by_size(x=sizes, begin=[1], size=[1]), [-1]], axis=0)
    )
    t = mb.tile(x=mb.transpose(x=r, perm=[1, 0]), reps=[2, 1])
    e = mb.squeeze(x=mb.expand_dims(x=t, axes=[0, 2]), axes=[0])
    stacked = mb.stack(values=[x, mb.reverse(x=x, axes=[1])], axis=0)
    parts = mb.split(x=stacked, num_splits=2, axis=2)
    hot = mb.one_hot(indices=np.int32([1, 3]), one_hot_vector_size=4, on_value=2.0, off_value=0.5)
    filled = mb.fill(shape=sizes, value=np.float32(3))
    band = mb.band_part(x=x, lower=1, upper=0)
    windows = mb.sliding_windows(x=x, axis=1, size=2, stride=1)
    summed = mb.cumsum(x=mb.flatten2d(x=e, axis=1), axis=1, exclusive=True, reverse=True)
    return (*parts, hot, filled, band, windows, summed)


def arithmetic(x: Any) -> Any:
    a = mb.sub(x=mb.mul(x=x, y=np.float32(2)), y=mb.abs(x=x))
    b = mb.pow(x=mb.sigmoid_hard(x=a, alpha=0.2, beta=0.5), y=np.float32(1.5))
    c = mb.real_div(x=mb.exp2(x=b), y=mb.add(x=mb.square(x=x), y=np.float32(1)))
    d = mb.select(cond=mb.greater(x=c, y=b), a=c, b=mb.clip(x=b, alpha=0.1, beta=0.6))
    e = mb.mod(x=mb.cast(x=d, dtype="int32"), y=3)
    g = mb.logical_and(x=mb.cast(x=e, dtype="bool"), y=mb.less_equal(x=x, y=d))
    logs = mb.reduce_log_sum_exp(x=d, axes=[1], keep_dims=True)
    norm = mb.l2_norm(x=mb.expand_dims(x=mb.expand_dims(x=d, axes=[0]), axes=[0]))
    best = mb.reduce_argmax(x=mb.reduce_sum(x=logs, axes=[0], keep_dims=True), axis=1)
    return g, logs, norm, best, mb.erf(x=mb.elu(x=x, alpha=0.5)), mb.threshold(x=x, alpha=0.3)


def attention(q: Any, k: Any, v: Any) -> Any:
    y = mb.scaled_dot_product_attention(query=q, key=k, value=v)
    turned = mb.transpose(x=mb.squeeze(x=k, axes=[0]), perm=[2, 1, 0])
    scores = mb.einsum(values=[mb.squeeze(x=q, axes=[0]), turned], equation="chw,whr->chr")
    return y, mb.softmax(x=scores, axis=-1), mb.matmul(x=q, y=k, transpose_y=True)


def pictures(x: Any) -> Any:
    up = mb.upsample_bilinear(x=x, scale_factor_height=2, scale_factor_width=2, align_corners=False)
    near = mb.upsample_nearest_neighbor(x=x, scale_factor_height=2, scale_factor_width=3)
    sized = mb.resize_bilinear(x=x, target_size_height=3, target_size_width=5, sampling_mode="ALIGN_CORNERS")
    nearest = mb.resize_nearest_neighbor(x=x, target_size_height=3, target_size_width=5)
    cut = mb.crop(x=up, crop_height=[1, 1], crop_width=[0, 2])
    boxes = mb.crop_resize(
        x=x,
        roi=np.float32([0, 0, 0.5, 1]).reshape(1, 1, 4, 1, 1),
        box_coordinate_mode="CORNERS_HEIGHT_FIRST",
        normalized_coordinates=True,
        target_height=2,
        target_width=2,
        sampling_mode="DEFAULT",
    )
    grid = mb.resample(
        x=x,
        coordinates=np.zeros((1, 2, 2, 2), np.float32),
        sampling_mode="bilinear",
        padding_mode="constant",
        padding_value=0.0,
        coordinates_mode="normalized_minus_one_to_one",
        align_corners=False,
    )
    turned = mb.affine(
        x=x,
        transform_matrix=np.float32([[1, 0, 0, 0, 1, 0]]),
        output_height=3,
        output_width=3,
        sampling_mode="bilinear",
        padding_mode="constant",
        padding_value=0.0,
        coordinates_mode="normalized_minus_one_to_one",
        align_corners=True,
    )
    shuffled = mb.pixel_shuffle(x=mb.space_to_depth(x=x, block_size=2), upscale_factor=2)
    batches = mb.batch_to_space(
        x=mb.space_to_batch(x=x, block_shape=[2, 2], paddings=[[0, 0], [0, 0]]),
        block_shape=[2, 2],
        crops=[[0, 0], [0, 0]],
    )
    return near, sized, nearest, cut, boxes, grid, turned, shuffled, batches


def choosing(b: Any, s: Any) -> Any:
    kept = mb.non_maximum_suppression(boxes=b, scores=s, max_boxes=2, iou_threshold=0.5, score_threshold=0.1)
    drawn = mb.random_normal(shape=np.int32([2, 2]), mean=0.0, stddev=1.0, seed=3)
    category = mb.random_categorical(x=mb.squeeze(x=s, axes=[0]), mode="logits", size=2, seed=1)
    return (*kept, drawn, category)


def picture(x: Any) -> Any:
    return mb.reduce_mean(x=x, axes=[2, 3], keep_dims=True)


def flexible(x: Any) -> Any:
    return mb.conv(x=x, weight=f(2, 3, 2), pad_type="valid"), mb.reduce_max(x=x, axes=[2])


def probabilities(x: Any) -> Any:
    return mb.softmax(x=mb.linear(x=x, weight=f(3, 4)), axis=1)


Spec = tuple[Callable[..., Any], Sequence[Any], Any, dict[str, Any]]
FLOAT16 = {"compute_precision": ct.precision.FLOAT16}
RAW = {"pass_pipeline": ct.PassPipeline.EMPTY}
#: Name -> function, shapes of its inputs (a second element is the type), oldest system that runs it, options.
PROGRAMS: dict[str, Spec] = {
    "dense": (dense, [(2, 6)], T.iOS15, {}),
    "dense_half": (dense, [(2, 6)], T.iOS16, FLOAT16),
    "convolution": (convolution, [(1, 2, 8, 6)], T.iOS15, {}),
    "recurrent": (recurrent, [(3, 1, 2)], T.iOS15, {}),
    "control": (control, [(1,), (1,)], T.iOS15, {}),
    "lists": (lists, [(2,), (2,)], T.iOS15, {}),
    "state": (state, [((2,), types.fp16), "state"], T.iOS18, RAW),
    "compressed_old": (compressed_old, [((1, 4), types.fp16)], T.iOS16, RAW),
    "compressed": (compressed, [((1, 8), types.fp16)], T.iOS18, RAW),
    "indexing": (indexing, [(2, 4)], T.iOS17, RAW),
    "shaping": (shaping, [(2, 4)], T.iOS16, RAW),
    "arithmetic": (arithmetic, [(2, 3)], T.iOS15, RAW),
    "attention": (attention, [(1, 2, 3, 4)] * 3, T.iOS18, RAW),
    "pictures": (pictures, [(1, 4, 4, 4)], T.iOS16, {}),
    "choosing": (choosing, [(1, 4, 4), (1, 4, 2)], T.iOS15, {}),
    "picture": (
        picture,
        [(1, 3, 4, 6)],
        T.iOS16,
        {"inputs": [ct.ImageType(name="x", shape=(1, 3, 4, 6), scale=0.5)]},
    ),
    "flexible": (
        flexible,
        [(1, 3, get_new_symbol())],
        T.iOS16,
        {"inputs": [ct.TensorType(name="x", shape=(1, 3, ct.RangeDim(2, 20)))]},
    ),
    "classifier": (
        probabilities,
        [(1, 4)],
        T.iOS15,
        {"classifier_config": ct.ClassifierConfig(["a", "b", "c"])},
    ),
}


def program(build: Callable[..., Any], shapes: Sequence[Any], opset: Any, **options: Any) -> Any:
    """A function as coremltools' model object."""
    specs = []
    for one in shapes:
        if one == "state":
            specs.append(mb.StateTensorSpec((2,), dtype=types.fp16))
            continue
        shape, kind = one if isinstance(one[0], tuple) else (one, types.fp32)
        specs.append(mb.TensorSpec(shape=shape, dtype=kind))
    made = mb.program(input_specs=specs, opset_version=opset)(build)
    options.setdefault("compute_precision", ct.precision.FLOAT32)
    return ct.convert(
        made,
        source="milinternal",
        convert_to="mlprogram",
        skip_model_load=True,
        minimum_deployment_target=opset,
        **options,
    )
