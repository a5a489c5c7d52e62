"""ML Programs: types, functions, control flow, states, lists, images, classifiers and pipelines."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import modelparity as mp
from modelparity.describe.summary import summary
from modelparity.errors import ArtefactError, InputError

ct = pytest.importorskip("coremltools")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from coremltools.converters.mil import Builder as mb
    from coremltools.converters.mil.mil import types


def converted(program: Any, opset: Any = ct.target.iOS18, **options: Any) -> Any:
    """The program as coremltools' model object."""
    options.setdefault("compute_precision", ct.precision.FLOAT32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ct.convert(
            program,
            source="milinternal",
            convert_to="mlprogram",
            skip_model_load=True,
            minimum_deployment_target=opset,
            **options,
        )


def saved(model: Any, folder: Any) -> Any:
    """Its package."""
    model.save(str(folder / "model.mlpackage"))
    return folder / "model.mlpackage"


def test_the_program_is_read_as_it_stands(tmp_path, save_program):
    def build(x):
        return mb.add(x=mb.relu(x=x, name="first"), y=np.float32(2), name="second")

    graph = mp.load(save_program(tmp_path, build, [(2, 3)]))
    assert [(node.op, node.name) for node in graph.nodes] == [("relu", "first"), ("add", "second")]
    assert graph.nodes[0].origin == 'main/op 0 (relu "first")'
    assert graph.native == "declared"
    assert {node.dtype for node in graph.nodes} == {"float32"}
    assert graph.inputs[0].shape == (2, 3)
    assert "main/op 0" in summary(graph)


def test_half_precision_is_computed_as_such(tmp_path, save_program):
    graph = mp.load(
        save_program(
            tmp_path, lambda x: mb.exp(x=mb.mul(x=x, y=np.float32(1.1))), [(3,)], precision="float16"
        )
    )
    x = np.float32([0.1, 1.0, 5.0])
    (y,) = mp.run(graph, x, arithmetic="native").values()
    half = np.float16(x) * np.float16(1.1)
    np.testing.assert_array_equal(y, np.exp(half.astype(np.float32)).astype(np.float16).astype(np.float32))
    (exact,) = mp.run(graph, x).values()
    assert not np.array_equal(y, exact)


@pytest.mark.parametrize("taken", [True, False])
def test_a_branch_reads_what_stands_around_it(tmp_path, taken):
    @mb.program(
        input_specs=[mb.TensorSpec((1,), dtype=types.bool), mb.TensorSpec((2,))],
        opset_version=ct.target.iOS15,
    )
    def prog(a, b):
        outer = mb.exp(x=b)
        two = mb.const(val=np.float32([2, 2]))
        return mb.cond(
            pred=mb.squeeze(x=a),
            _true_fn=lambda: mb.add(x=outer, y=two),
            _false_fn=lambda: mb.mul(x=b, y=two),
        )

    graph = mp.load(saved(converted(prog, ct.target.iOS15), tmp_path))
    (name,) = (spec.name for spec in graph.inputs if spec.axes[0].size == 1)
    (other,) = (spec.name for spec in graph.inputs if spec.axes[0].size == 2)
    b = np.float32([1, -1])
    kind = next(spec.dtype for spec in graph.inputs if spec.name == name)
    (y,) = mp.run(graph, {name: np.array([taken], kind), other: b}).values()
    np.testing.assert_allclose(y, np.exp(np.float64(b)) + 2 if taken else 2 * np.float64(b))


def test_loops_within_loops(tmp_path, save_program):
    def build(i, j):
        one, two = mb.const(val=np.float32([1])), mb.const(val=np.float32([2]))

        def inner(i):
            return mb.while_loop(
                _cond=lambda i: mb.less(x=mb.mul(x=two, y=i), y=mb.add(x=i, y=two)),
                _body=lambda i: mb.add(x=i, y=one),
                loop_vars=(i,),
            )

        return mb.while_loop(
            _cond=lambda i, j: mb.less(x=i, y=j),
            _body=lambda i, j: (mb.add(x=inner(i), y=two), j),
            loop_vars=(i, j),
        )

    graph = mp.load(save_program(tmp_path, build, [(1,), (1,)]))
    results = mp.run(graph, {"i": np.float32([0]), "j": np.float32([9])})

    def by_hand(i, j):
        while i < j:
            while 2 * i < i + 2:
                i += 1
            i += 2
        return i, j

    assert [float(a[0]) for a in results.values()] == list(by_hand(0, 9))


def test_lists_grow(tmp_path, save_program):
    def build(a, b):
        ls = mb.make_list(init_length=1, elem_shape=(2,))
        ls = mb.list_write(ls=ls, index=0, value=a)
        ls = mb.list_write(ls=ls, index=3, value=b)
        ls = mb.list_scatter(ls=ls, indices=[2, 5], value=np.float32([[7, 8], [9, 9]]))
        length = mb.list_length(ls=ls)
        return mb.list_gather(ls=ls, indices=mb.range_1d(start=0, end=length, step=1)), mb.list_read(
            ls=ls, index=2
        )

    graph = mp.load(save_program(tmp_path, build, [(2,), (2,)]))
    every, one = mp.run(graph, {"a": np.float32([1, 2]), "b": np.float32([3, 4])}).values()
    assert every.tolist() == [[1, 2], [0, 0], [7, 8], [3, 4], [0, 0], [9, 9]]
    assert one.tolist() == [7, 8]


def test_states_are_carried_from_run_to_run(tmp_path):
    @mb.program(
        input_specs=[mb.TensorSpec((2,), dtype=types.fp16), mb.StateTensorSpec((2,), dtype=types.fp16)],
        opset_version=ct.target.iOS18,
    )
    def prog(x, memory):
        total = mb.add(x=mb.read_state(input=memory), y=x)
        return mb.mul(x=mb.coreml_update_state(state=memory, value=total), y=np.float16(2))

    model = converted(prog, pass_pipeline=ct.PassPipeline.EMPTY)
    graph = mp.load(saved(model, tmp_path))
    assert list(graph.states) == ["memory"]
    output = next(name for name in graph.outputs if name not in graph.states.values())
    x, memory = np.float32([1, 10]), {}
    for turn in (1, 2, 3):
        results = mp.run(graph, {"x": x, **memory}, arithmetic="native")
        np.testing.assert_array_equal(results[output], 2 * turn * x)
        memory = {"memory": results[graph.states["memory"]]}


def test_a_state_written_in_a_loop_is_carried_through_it(tmp_path):
    @mb.program(
        input_specs=[mb.TensorSpec((1,), dtype=types.fp16), mb.StateTensorSpec((1,), dtype=types.fp16)],
        opset_version=ct.target.iOS18,
    )
    def prog(x, memory):
        def body(i):
            value = mb.add(x=mb.read_state(input=memory), y=x)
            mb.coreml_update_state(state=memory, value=value)
            return mb.add(x=i, y=np.float16(1))

        mb.while_loop(_cond=lambda i: mb.less(x=i, y=np.float16(3)), _body=body, loop_vars=(np.float16(0),))
        return mb.read_state(input=memory)

    try:
        model = converted(prog, pass_pipeline=ct.PassPipeline.EMPTY)
    except Exception as error:
        pytest.skip(f"coremltools does not write such a program: {error}")
    graph = mp.load(saved(model, tmp_path))
    results = mp.run(graph, {"x": np.float32([5])}, arithmetic="native")
    assert results[graph.states["memory"]].tolist() == [15]


def test_one_of_several_functions_is_chosen(tmp_path):
    def scaling(factor):
        @mb.program(input_specs=[mb.TensorSpec((2,))], opset_version=ct.target.iOS18)
        def prog(x):
            return mb.mul(x=x, y=np.float32(factor), name="y")

        return converted(prog)

    for name, factor in (("double", 2), ("triple", 3)):
        scaling(factor).save(str(tmp_path / f"{name}.mlpackage"))
    wanted = ct.utils.MultiFunctionDescriptor()
    for name in ("double", "triple"):
        wanted.add_function(str(tmp_path / f"{name}.mlpackage"), "main", name)
    wanted.default_function_name = "triple"
    path = tmp_path / "both.mlpackage"
    ct.utils.save_multifunction(wanted, str(path))
    x = np.float32([1, 2])
    assert mp.run(mp.load(path), x)["y"].tolist() == [3, 6]
    assert mp.run(mp.load(path, function="double"), x)["y"].tolist() == [2, 4]
    with pytest.raises(ArtefactError, match="no function 'doubled'") as caught:
        mp.load(path, function="doubled")
    assert "double" in str(caught.value)


def test_a_format_without_functions_says_so(tmp_path):
    path = tmp_path / "model.pkl"
    path.write_bytes(b"\x80\x04.")
    with pytest.raises(ArtefactError, match="no functions"):
        mp.load(path, format="madmom", function="main")


@pytest.mark.parametrize("flexible", ["range", "enumerated"])
def test_flexible_shapes(tmp_path, flexible):
    from coremltools.converters.mil.mil import get_new_symbol

    @mb.program(input_specs=[mb.TensorSpec((get_new_symbol(), 3))], opset_version=ct.target.iOS16)
    def prog(x):
        return mb.reduce_sum(x=x, axes=[0])

    shape = (ct.RangeDim(2, 10), 3) if flexible == "range" else ct.EnumeratedShapes([(2, 3), (4, 3)])
    model = converted(prog, ct.target.iOS16, inputs=[ct.TensorType(name="x", shape=shape)])
    graph = mp.load(saved(model, tmp_path))
    assert [(axis.size, axis.least) for axis in graph.inputs[0].axes] == [(None, 2), (3, 3)]
    for length in (2, 4):
        (y,) = mp.run(graph, np.ones((length, 3), np.float32)).values()
        assert y.tolist() == [length] * 3
    for length in (1, 11 if flexible == "range" else 3):
        with pytest.raises(InputError, match=r"at least 2|takes 10 at most|lists the shapes"):
            mp.run(graph, np.ones((length, 3), np.float32))


@pytest.mark.parametrize("layout", ["RGB", "BGR", "G"])
def test_images_enter_as_pixels(tmp_path, layout):
    channels = 1 if layout == "G" else 3

    @mb.program(input_specs=[mb.TensorSpec((1, channels, 2, 4))], opset_version=ct.target.iOS15)
    def prog(x):
        return mb.reduce_sum(x=x, axes=[2], keep_dims=False, name="y")

    layouts = {"RGB": ct.colorlayout.RGB, "BGR": ct.colorlayout.BGR, "G": ct.colorlayout.GRAYSCALE}
    image = ct.ImageType(name="x", shape=(1, channels, 2, 4), color_layout=layouts[layout], scale=0.5)
    graph = mp.load(saved(converted(prog, ct.target.iOS15, inputs=[image]), tmp_path))
    (spec,) = graph.inputs
    assert spec.shape == ((2, 4) if channels == 1 else (2, 4, 3))
    assert spec.dtype == "uint8"
    pixels = np.random.default_rng(0).integers(0, 256, spec.shape).astype(np.uint8)
    planes = pixels[None] if channels == 1 else pixels.transpose(2, 0, 1)
    planes = planes[::-1] if layout == "BGR" else planes
    for image in (pixels, pytest.importorskip("PIL.Image").fromarray(pixels)):
        (y,) = mp.run(graph, image).values()
        np.testing.assert_allclose(y[0], 0.5 * planes.sum(1))


@pytest.mark.parametrize("layout", ["RGB", "BGR"])
def test_images_leave_as_pixels(tmp_path, layout):
    @mb.program(input_specs=[mb.TensorSpec((1, 3, 2, 4))], opset_version=ct.target.iOS16)
    def prog(x):
        return mb.mul(x=x, y=np.float32(100), name="y")

    model = converted(prog, ct.target.iOS16)
    spec = model.get_spec()
    image = spec.description.output[0].type.imageType
    image.width, image.height = 4, 2
    image.colorSpace = type(image).ColorSpace.Value(layout)
    graph = mp.load(
        saved(ct.models.MLModel(spec, weights_dir=model.weights_dir, skip_model_load=True), tmp_path)
    )
    x = np.random.default_rng(0).uniform(-1, 4, (1, 3, 2, 4)).astype(np.float32)
    (pixels,) = mp.run(graph, x).values()
    want = np.clip(np.rint(100 * x[0].astype(np.float64)), 0, 255).transpose(1, 2, 0)
    np.testing.assert_array_equal(pixels, want[..., ::-1] if layout == "BGR" else want)
    assert pixels.dtype == np.uint8


@pytest.mark.parametrize("labels", [["cat", "dog", "hen"], [7, 5, 3]])
def test_a_classifier_gives_the_label_and_the_probabilities(tmp_path, labels):
    @mb.program(input_specs=[mb.TensorSpec((1, 3))], opset_version=ct.target.iOS15)
    def prog(x):
        return mb.softmax(x=x, axis=1)

    model = converted(prog, ct.target.iOS15, classifier_config=ct.ClassifierConfig(labels))
    description = model.get_spec().description
    graph = mp.load(saved(model, tmp_path))
    results = mp.run(graph, np.float32([[1, 3, 2]]))
    assert results[description.predictedFeatureName].item() == labels[1]
    e = np.exp([1.0, 3, 2])
    np.testing.assert_allclose(results[description.predictedProbabilitiesName], e / e.sum(), rtol=1e-6)


@pytest.mark.parametrize("kinds", [("mlprogram", "mlprogram"), ("neuralnetwork", "mlprogram")])
def test_the_models_of_a_pipeline_run_one_after_another(tmp_path, kinds):
    programs = []
    for place, kind in enumerate(kinds):
        weight = np.float32([[1, 2], [3, 4 + place]])
        opset = ct.target.iOS15 if kind == "mlprogram" else ct.target.iOS14
        name = "xy"[place]
        from coremltools.converters.mil.mil import Function, Program

        prog = Program()
        with Function({name: mb.placeholder(shape=(2,))}, opset_version=opset) as function:
            function.set_outputs([mb.linear(x=function.inputs[name], weight=weight, name="yz"[place])])
            prog.add_function("main", function)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            programs.append(
                ct.convert(prog, source="milinternal", convert_to=kind, minimum_deployment_target=opset)
            )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipeline = ct.utils.make_pipeline(*programs)
    graph = mp.load(saved(pipeline, tmp_path))
    assert graph.outputs == ("z",)
    x = np.float32([1, -2])
    want = np.array([[1, 2], [3, 5.0]]) @ (np.array([[1, 2], [3, 4.0]]) @ x)
    np.testing.assert_allclose(mp.run(graph, x)["z"], want, rtol=1e-3)
    assert any("model 1" in node.origin for node in graph.nodes)


@pytest.mark.parametrize("dtype", ["int4", "uint4", "uint2", "uint1", "uint3", "uint6"])
def test_packed_weights_are_unpacked_by_a_node(tmp_path, dtype):
    kind = types.string_to_builtin(dtype)
    span = types.type_mapping.builtin_to_range(kind)
    rng = np.random.default_rng(0)
    data = rng.integers(span.low, span.high + 1, (6, 4)).astype(types.nptype_from_builtin(kind))
    if dtype in ("int4", "uint4"):

        def build(x):
            weight = mb.constexpr_blockwise_shift_scale(data=data, scale=np.full((6, 1), 0.5, np.float16))
            return mb.linear(x=x, weight=weight)

        weight = 0.5 * data.astype(float)
    else:
        table = rng.standard_normal(1 << kind.get_bitwidth()).astype(np.float16)

        def build(x):
            weight = mb.constexpr_lut_to_dense(indices=data, lut=table.reshape(1, 1, -1, 1))
            return mb.linear(x=x, weight=weight)

        weight = table.astype(float)[data]

    program = mb.program(
        input_specs=[mb.TensorSpec((1, 4), dtype=types.fp16)], opset_version=ct.target.iOS18
    )(build)
    graph = mp.load(saved(converted(program, pass_pipeline=ct.PassPipeline.EMPTY), tmp_path))
    assert "unpack_bits" in [node.op for node in graph.nodes]
    x = np.float16([[1, -2, 0.5, 3]])
    (y,) = mp.run(graph, x).values()
    np.testing.assert_allclose(y, x.astype(float) @ weight.T)
