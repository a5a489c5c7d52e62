"""Archives of programs: read as saved, and whatever a hostile one holds, nothing of it is executed."""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import zipfile

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings, strategies as st

import modelparity as mp
from modelparity.errors import ArtefactError, ModelparityError
from modelparity.formats.torch.read.vetting import expression

X = np.random.default_rng(1).standard_normal((2, 9, 3)).astype(np.float32)


def test_what_was_saved_is_read(saved, net):
    graph = mp.load(saved, dynamic_shapes={"x": {1: "time"}})
    assert [axis.name for axis in graph.inputs[0].axes if axis.size is None] == ["time"]
    assert graph.source.format == "torch"
    assert mp.check(graph, net, inputs=X).ok
    assert graph.unused == {"norm.num_batches_tracked": "no output depends on it"}


def test_weights_are_the_files_own_bytes(saved):
    graph = mp.load(saved)
    weight = graph.constants["inner.weight"]
    assert not weight.flags.owndata
    assert not weight.flags.writeable


def test_float16_and_bfloat16_weights(tmp_path):
    for dtype in (torch.float16, torch.bfloat16):
        module = torch.nn.Linear(3, 2).to(dtype).eval()
        program = torch.export.export(module, (torch.zeros(1, 3, dtype=dtype),))
        torch.export.save(program, tmp_path / "half.pt2")
        graph = mp.load(tmp_path / "half.pt2")
        assert graph.native == str(dtype).removeprefix("torch.")
        np.testing.assert_array_equal(graph.constants["weight"], module.weight.detach().float().numpy().T)


def test_numbers_that_json_has_none_for(tmp_path):
    """Infinity and NaN stand in a program as text: masks of attention have them."""

    class Masked(torch.nn.Module):
        def forward(self, x):
            return x.masked_fill(x < 0, float("-inf")).masked_fill(x > 1, float("nan"))

    torch.export.save(torch.export.export(Masked(), (torch.zeros(2, 3),)), tmp_path / "masked.pt2")
    x = np.float32([[0.5, -1, 2], [0.25, -4, 0]])
    got = mp.run(mp.load(tmp_path / "masked.pt2"), x)["output"]
    np.testing.assert_array_equal(got, [[0.5, -np.inf, np.nan], [0.25, -np.inf, 0]])


class Evil:
    """Unpickled, it leaves a file behind."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch '{self.path}'",)


def first(description):
    return description["graph_module"]["graph"]["nodes"][1]


def called(target, text):
    """A node that calls something with a text."""
    name = {"name": "evil"}
    return {
        "target": target,
        "inputs": [{"name": "command", "arg": {"as_string": text}, "kind": 1}],
        "outputs": [{"as_tensor": name}],
        "metadata": {},
        "is_hop_single_tensor_return": None,
        "name": "evil",
    }


EXPRESSION = "__import__('os').system(\"touch '{mark}'\")"


def as_size(description, text):
    sizes = description["graph_module"]["graph"]["tensor_values"]["x"]["sizes"]
    sizes[1] = {"as_expr": {"expr_str": text, "hint": {"as_int": 6}}}


def as_default(description, text):
    graph = description["graph_module"]["graph"]
    graph["inputs"][-1]["as_tensor"]["name"] = f"x={text}"
    graph["tensor_values"][f"x={text}"] = graph["tensor_values"]["x"]


ATTACKS = {
    "a size": as_size,
    "a name with a default value": as_default,
    "an operator": lambda d, text: first(d).update(target="torch.os.system"),
    "an operator of another kind": lambda d, text: first(d).update(target="torch.ops.aten.from_file.default"),
    "an operator by an extension": lambda d, text: first(d).update(target="#evil:system"),
    "an operator that loads libraries": lambda d, text: first(d).update(target="torch.ops.load_library"),
    "a call": lambda d, text: d["graph_module"]["graph"]["nodes"].insert(
        0, called("torch.hub.os.system", text)
    ),
    "a keyword": lambda d, text: first(d)["inputs"][0].update(name=f"a={text}"),
    "the name of a node": lambda d, text: first(d).update(name=f"evil; {text}"),
    "a range": lambda d, text: d["range_constraints"].update({text: {"min_val": 0, "max_val": 1}}),
    "an argument": lambda d, text: d["graph_module"]["module_call_graph"][0]["signature"].update(
        forward_arg_names=[f"x={text}"]
    ),
    "a container": lambda d, text: d["graph_module"]["module_call_graph"][0]["signature"].update(
        out_spec='[1, {"type": "os.system", "context": "null", "children_spec": []}]'
    ),
    "a number": lambda d, text: first(d)["inputs"][0].update(arg={"as_float": text}),
    "a script object": lambda d, text: first(d)["inputs"][0].update(
        arg={"as_custom_obj": {"name": "evil", "class_fqn": text}}
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_in_a_description_is_executed(attack, edited, tmp_path):
    mark = tmp_path / "executed"
    text = EXPRESSION.format(mark=mark)
    path = edited(lambda description: ATTACKS[attack](description, text))
    with pytest.raises(ArtefactError, match="nothing of the file was executed"):
        mp.load(path)
    assert not mark.exists()


def test_guards_are_dropped(edited, tmp_path):
    mark = tmp_path / "executed"
    path = edited(lambda description: description.update(guards_code=[EXPRESSION.format(mark=mark)]))
    mp.load(path)
    assert not mark.exists()


@pytest.mark.parametrize("place", ["sample", "legacy", "weight", "constant", "object"])
def test_no_pickle_is_opened(place, spoiled, tmp_path):
    mark = tmp_path / "executed"
    buffer = io.BytesIO()
    torch.save(Evil(mark), buffer)
    evil = buffer.getvalue()

    def config(files, kind):
        name = f"net/data/{kind}/model_{kind}_config.json"
        files[name] = files[name].replace(b'"use_pickle": false', b'"use_pickle": true')

    def change(files):
        if place == "sample":
            files["net/data/sample_inputs/model.pt"] = evil
        elif place == "legacy":
            files["net/data/weights/model.pt"] = evil
        elif place == "weight":
            config(files, "weights")
            files["net/data/weights/weight_0"] = evil
        elif place == "constant":
            config(files, "constants")
            files["net/data/constants/tensor_0"] = evil
        else:
            name = "net/data/constants/model_constants_config.json"
            files[name] = files[name].replace(b"tensor_0", b"opaque_obj_0")
            files["net/data/constants/opaque_obj_0"] = pickle.dumps(Evil(mark))

    path = spoiled(change)
    if place == "sample":
        mp.load(path)  # it is never looked at
    else:
        with pytest.raises(ArtefactError):
            mp.load(path)
    assert not mark.exists()


def sizes(meta, key, numbers):
    meta["config"]["inner.weight"]["tensor_meta"][key] = [{"as_int": one} for one in numbers]


@pytest.mark.parametrize(
    "change",
    [
        lambda meta: sizes(meta, "sizes", [1 << 40, 3]),
        lambda meta: sizes(meta, "strides", [1 << 30, 1]),
        lambda meta: sizes(meta, "strides", [-3, 1]),
        lambda meta: sizes(meta, "strides", [3]),
        lambda meta: sizes(meta, "sizes", [True, 3]),
        lambda meta: meta["config"]["inner.weight"]["tensor_meta"].update(dtype=99),
        lambda meta: meta["config"]["inner.weight"].update(path_name="../../../etc/passwd"),
        lambda meta: meta["config"]["inner.weight"].update(path_name="weight_99"),
        lambda meta: meta.update(config=[]),
    ],
)
def test_weights_stay_within_their_bytes(change, edited):
    with pytest.raises(ArtefactError):
        mp.load(edited(change, "net/data/weights/model_weights_config.json"))


def test_sizes_of_archives_are_bounded(spoiled, tmp_path):
    with pytest.raises(ArtefactError, match="packed"):
        mp.load(spoiled(lambda files: None, compression=zipfile.ZIP_DEFLATED))
    deep = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    with pytest.raises(ArtefactError):
        mp.load(spoiled(lambda files: files.update({"net/models/model.json": deep})))
    wide = b'{"graph_module": ' + b'{"a":' * 300 + b"1" + b"}" * 301
    with pytest.raises(ArtefactError):
        mp.load(spoiled(lambda files: files.update({"net/models/model.json": wide})))


def test_what_is_no_program_is_told_apart(spoiled, tmp_path):
    def refused(path, match):
        with pytest.raises(ArtefactError, match=match) as caught:
            mp.load(path)
        return str(caught.value)

    torch.save(torch.nn.Linear(2, 2).state_dict(), tmp_path / "weights.pt")
    assert "weights_only=True" in refused(tmp_path / "weights.pt", "pickle of weights")
    refused(spoiled(lambda files: files.update({"net/data/aotinductor/model/x.so": b""})), "compiled")
    refused(spoiled(lambda files: files.pop("net/models/model.json")), "not one program")
    refused(spoiled(lambda files: files.update({"other/models/a.json": b"{}"})), "roots")
    refused(spoiled(lambda files: files.update({"net/archive_version": b"7"})), "version")
    refused(spoiled(lambda files: files.update({"net/models/model.json": b"[]"})), "belongs")


@pytest.mark.filterwarnings("ignore")
def test_torchscript_is_refused_as_a_file_and_read_as_a_module(tmp_path):
    layers = torch.nn.Conv1d(3, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(16, 2)
    module = torch.nn.Sequential(*layers).eval()
    x = np.random.default_rng(2).standard_normal((2, 3, 6)).astype(np.float32)
    for made in (torch.jit.trace(module, torch.from_numpy(x)), torch.jit.script(module)):
        made.save(str(tmp_path / "scripted.pt"))
        with pytest.raises(ArtefactError, match="TorchScript") as caught:
            mp.load(tmp_path / "scripted.pt")
        assert "torch.jit.load" in str(caught.value)
        loaded = torch.jit.load(tmp_path / "scripted.pt")
        graph = mp.load(loaded, example=x)
        feeds = {graph.inputs[0].name: x}
        assert mp.check(graph, loaded, inputs=feeds).ok
        assert mp.check(
            graph, module, inputs={graph.inputs[0].name: x}, names={graph.inputs[0].name: "input"}
        ).ok


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damage_is_an_error_of_ours(saved, tmp_path, data):
    whole = bytearray(saved.read_bytes())
    if data.draw(st.booleans()):
        whole = whole[: data.draw(st.integers(0, len(whole) - 1))]
    for _ in range(data.draw(st.integers(1, 4))):
        if whole:
            whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.pt2"
    path.write_bytes(bytes(whole))
    with contextlib.suppress(ModelparityError):
        mp.load(path, format="torch")


@pytest.mark.parametrize(
    "text",
    [
        "Symbol('s27', positive=True, integer=True)",
        "Mul(Integer(3), Symbol('u0', integer=True))",
        "FloorDiv(Add(Symbol('s0', integer=True), Integer(-1)), Integer(2))",
        "2*s0 + 1",
        "Max(1, s77)",
        "Pow(Symbol('s0', integer=True), Integer(2))",
    ],
)
def test_arithmetic_on_sizes_passes(text):
    expression(text, lambda what, found: AssertionError(what))


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "Symbol('__class__')",
        "s0.__class__",
        "s0[0]",
        "(lambda: 1)()",
        "Pow(9, Pow(9, 9))",
        "9**9**9",
        "[s0 for s0 in (1,)]",
        "exec",
        "f'{s0}'",
        "Integer(9)*" * 2000 + "1",
        "open('x')",
        "1 << 2",
        "Function('f')",
        "Pow(Integer(10), Integer(999999))",
        "",
    ],
)
def test_everything_else_does_not(text):
    with pytest.raises(ArtefactError):
        expression(text, lambda what, found: ArtefactError(what, found=found))
