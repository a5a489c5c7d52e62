"""Which operators a translator can name: of small ones that are written for it, and of files as they are read."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

import modelparity as mp
from modelparity.discovery import module_names

ROOT = Path(__file__).parents[2]
OPERATORS = module_names("modelparity.ops")
sys.path.insert(0, str(ROOT / "docs"))
try:
    from generating.naming import named
finally:
    sys.path.remove(str(ROOT / "docs"))

TABLE = {"Relu": "relu", "Tanh": "tanh"}
SHAPED = {"Elu": ("elu", {"alpha": 1.0}), "Celu": ("celu", {})}


def direct(op):
    op.give("softmax", [op.temp("sub", op.inputs(0, 1))], note="exp")


def by_table(op):
    op.give(TABLE[op.type], [op.input(0)])


def by_tuple(op):
    core, attrs = SHAPED[op.type]
    op.give(core, [op.input(0)], **attrs)


def by_name(op):
    if op.type == "Max":
        op.give("maximum", op.inputs(0, 1))
        return
    op.give("minimum" if op.type.endswith("n") else "add", op.inputs(0, 1))


def by_setting(op):
    op.give("floor" if op.attr("down") else "ceil", [op.input(0)])


def by_function(op):
    helped(op, "exp", f"reduce_{op.type.lower()}")


def helped(op, first, then):
    op.give(then, [op.temp(first, [op.input(0)])])


def by_inner_function(op):
    def twice(core):
        return op.temp(core, [op.temp("neg", [op.input(0)])])

    op.results(twice("log"))


def refused(op):
    if op.type == "Abs":
        raise op.error("not this one")
    op.give("sign", [op.input(0)])


def changed_in_a_loop(op):
    core = "sin"
    for _ in range(2):
        op.temp(core, [])
        core = "cos"


@pytest.mark.parametrize(
    ("translate", "foreign", "expected"),
    [
        (direct, "Softmax", {"softmax", "sub"}),
        (by_table, "Relu", {"relu"}),
        (by_table, "Tanh", {"tanh"}),
        (by_table, "Other", {"relu", "tanh"}),
        (by_tuple, "Celu", {"celu"}),
        (by_name, "Max", {"maximum"}),
        (by_name, "Min", {"minimum"}),
        (by_name, "Sum", {"add"}),
        (by_setting, "Round", {"floor", "ceil"}),
        (by_function, "Mean", {"exp", "reduce_mean"}),
        (by_inner_function, "Log", {"neg", "log"}),
        (refused, "Abs", set()),
        (refused, "Sign", {"sign"}),
        (changed_in_a_loop, "Any", {"sin", "cos"}),
    ],
)
def test_what_a_translator_can_name(translate, foreign, expected, monkeypatch):
    for function in (translate, helped):
        monkeypatch.setattr(function, "__module__", "modelparity.formats.of_a_test")
    assert named(translate, foreign, OPERATORS) == expected


def operators(graph):
    """Every operator of a graph and of the graphs within its nodes."""
    for node in graph.nodes:
        yield node.op
        for value in node.attrs.values():
            for inner in value if isinstance(value, tuple | list) else (value,):
                if isinstance(inner, mp.Graph):
                    yield from operators(inner)


def onnx_kinds(graph):
    for node in graph.node:
        yield f"{node.domain if node.domain != 'ai.onnx' else ''}:{node.op_type}"
        for attribute in node.attribute:
            yield from onnx_kinds(attribute.g)


def test_what_is_read_of_onnx_files_is_among_what_is_named(tmp_path):
    pytest.importorskip("onnx")
    from modelparity.formats.onnx.read.node import translators

    sys.path.insert(0, str(ROOT / "tests" / "fuzz" / "onnx"))
    try:
        good = importlib.import_module("models")
    finally:
        sys.path.remove(str(ROOT / "tests" / "fuzz" / "onnx"))
    known, seen = translators(), set()
    for model in good.models():
        kinds = set(onnx_kinds(model.graph))
        if not kinds <= set(known):
            continue  # some are read by their definitions
        path = tmp_path / "model.onnx"
        path.write_bytes(model.SerializeToString())
        expected = {"identity"}.union(
            *(named(known[kind], kind.rpartition(":")[2], OPERATORS) for kind in kinds)
        )
        found = set(operators(mp.load(path)))
        assert found <= expected, f"{model.graph.name}: {sorted(found - expected)} of {sorted(kinds)}"
        seen |= found
    assert len(seen) > 40


def messages(message):
    """A protocol buffer's message and every message within it."""
    yield message
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            inner = value.values() if field.message_type.fields_by_name["value"].message_type else ()
        else:
            inner = value if field.is_repeated else (value,)
        for one in inner:
            yield from messages(one)


#: Steps that translators share to turn or reshape an operand, and what passes a value on.
SHARED = {"identity", "transpose", "reshape", "expand_dims"}
#: Their inputs are pictures, or their outputs labels: what is done with those belongs to no layer.
MORE = {"nn_image.mlmodel", "nn_classifier.mlmodel"}
GOOD = sorted((ROOT / "tests" / "fuzz" / "coreml" / "good").iterdir())


@pytest.mark.parametrize("path", [path for path in GOOD if path.name not in MORE], ids=lambda path: path.name)
def test_what_is_read_of_core_ml_files_is_among_what_is_named(path):
    pytest.importorskip("coremltools")
    from modelparity.formats.coreml.mil.operators import translators
    from modelparity.formats.coreml.nn.registry import reads as layer
    from modelparity.formats.coreml.proto import module

    operations, layers = translators(), layer.all()
    file = path if path.suffix == ".mlmodel" else next(path.rglob("*.mlmodel"))
    model = module("Model").Model.FromString(file.read_bytes())
    expected = set(SHARED)
    for one in messages(model):
        if one.DESCRIPTOR.name == "Operation":
            expected |= named(operations[one.type], one.type, OPERATORS)
        elif one.DESCRIPTOR.name == "NeuralNetworkLayer":
            kind = one.WhichOneof("layer")
            expected |= named(layers[kind], kind, OPERATORS)
    functions = [one.name for one in model.description.functions]
    for graph in [mp.load(path, function=one) for one in functions] or [mp.load(path)]:
        found = set(operators(graph))
        assert found <= expected, sorted(found - expected)
