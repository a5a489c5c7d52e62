"""Make the hostile ONNX files in this folder: ``python tests/hostile/onnx/make.py``.

Each is broken, endless, absurd, or reaches for what is not its own.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

HERE = Path(__file__).parent
MADE: dict[str, Callable[[], bytes | ModelProto]] = {}
FLOAT = TensorProto.FLOAT


def hostile(function: Callable[[], bytes | ModelProto]) -> Callable[[], bytes | ModelProto]:
    """Mark a function as the maker of the file of its name."""
    MADE[function.__name__] = function
    return function


def model(
    nodes: Any,
    *,
    weights: Any = (),
    inputs: Any = (("x", FLOAT, [2, 3]),),
    outputs: Any = ("y",),
    **more: Any,
) -> ModelProto:
    """A small model."""
    given = [helper.make_tensor_value_info(*one) for one in inputs]
    results = [helper.make_tensor_value_info(name, FLOAT, None) for name in outputs]
    graph = helper.make_graph(nodes, "hostile", given, results, list(weights))
    opsets = more.pop("opsets", [helper.make_opsetid("", 17)])
    return helper.make_model(graph, opset_imports=opsets, ir_version=more.pop("ir", 8), **more)


def node(op: str, inputs: str = "x", outputs: str = "y", **attrs: Any) -> Any:
    """A node; names are separated by blanks."""
    return helper.make_node(op, inputs.split(" "), outputs.split(" "), name="n", **attrs)


def plain() -> ModelProto:
    """A model that is well."""
    return model([node("Relu")])


@hostile
def truncated() -> bytes:
    return plain().SerializeToString()[:-7]


@hostile
def noise() -> bytes:
    return b"\x08" + bytes(np.random.default_rng(0).integers(0, 256, 500, np.uint8))


@hostile
def no_graph() -> ModelProto:
    made = plain()
    made.ClearField("graph")
    return made


@hostile
def endless_varint() -> bytes:
    return b"\x08" + b"\xff" * 40


@hostile
def length_beyond_the_end() -> bytes:
    return b"\x08\x08\x3a\xff\xff\xff\xff\x0f" + b"\0" * 3000


@hostile
def nested_messages() -> bytes:
    """A graph in an attribute of a node in a graph, two hundred times."""
    inner = b"\x12\x01g" + b"\x52" + b"\x80\x18" + b"d" * 3072
    for _ in range(200):
        attribute = b"\x32" + _length(inner)
        body = b"\x2a" + _length(attribute)
        inner = b"\x0a" + _length(body)
    return b"\x08\x08\x3a" + _length(inner)


def _length(content: bytes) -> bytes:
    value, made = len(content), bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made) + content


@hostile
def cycle() -> ModelProto:
    return model([node("Add", "x b", "a"), node("Relu", "a", "b"), node("Relu", "b", "y")])


@hostile
def defined_twice() -> ModelProto:
    return model([node("Relu", "x", "y"), node("Tanh", "x", "y")])


@hostile
def output_from_nowhere() -> ModelProto:
    return model([node("Relu")], outputs=("z",))


@hostile
def shape_conflict() -> ModelProto:
    weight = numpy_helper.from_array(np.zeros((4, 5), np.float32), "w")
    return model([node("MatMul", "x w", "y")], weights=[weight])


@hostile
def type_conflict() -> ModelProto:
    return model([node("Add", "x i", "y")], inputs=(("x", FLOAT, [2]), ("i", TensorProto.INT64, [2])))


@hostile
def opset_of_the_future() -> ModelProto:
    return model([node("Relu")], opsets=[helper.make_opsetid("", 999)])


@hostile
def no_opset() -> ModelProto:
    made = plain()
    del made.opset_import[:]
    return made


@hostile
def old_broadcasting() -> ModelProto:
    inputs = (("x", FLOAT, [2]), ("z", FLOAT, [2]))
    return model([node("Add", "x z", "y", broadcast=1)], inputs=inputs, opsets=[helper.make_opsetid("", 6)])


@hostile
def unknown_domain() -> ModelProto:
    return model([node("Relu", domain="com.example")])


@hostile
def unknown_operator() -> ModelProto:
    return model([node("Reluu")])


@hostile
def operator_of_a_later_opset() -> ModelProto:
    return model([node("Gelu")])


@hostile
def unknown_attribute() -> ModelProto:
    return model([node("Relu", slope=0.5)])


@hostile
def attribute_of_another_kind() -> ModelProto:
    return model([node("Transpose", perm="ab")])


@hostile
def too_many_inputs() -> ModelProto:
    return model([node("Relu", "x x")])


@hostile
def dynamic_rank() -> ModelProto:
    return model([node("Relu")], inputs=(("x", FLOAT, None),))


@hostile
def absurd_sizes() -> ModelProto:
    made = model([node("Add", "x w", "y")])
    tensor = made.graph.initializer.add(name="w", data_type=FLOAT)
    tensor.dims.extend([1 << 40, 1 << 40])
    tensor.raw_data = b"\0" * 8
    return made


@hostile
def negative_size() -> ModelProto:
    made = model([node("Add", "x w", "y")])
    tensor = made.graph.initializer.add(name="w", data_type=FLOAT)
    tensor.dims.extend([-1])
    return made


@hostile
def absurd_input() -> ModelProto:
    return model([node("Relu")], inputs=(("x", FLOAT, [1 << 50]),))


@hostile
def input_of_80_axes() -> ModelProto:
    return model([node("Relu")], inputs=(("x", FLOAT, [1] * 80),))


@hostile
def too_few_bytes() -> ModelProto:
    made = model([node("Add", "x w", "y")])
    made.graph.initializer.add(name="w", data_type=FLOAT, dims=[2, 3], raw_data=b"\0" * 20)
    return made


@hostile
def absurd_constant_of_shape() -> ModelProto:
    shape = numpy_helper.from_array(np.array([1 << 20, 1 << 20]), "s")
    return model(
        [node("ConstantOfShape", "s", "c"), node("ReduceMax", "c", "y", keepdims=0)], weights=[shape]
    )


@hostile
def absurd_range() -> ModelProto:
    ends = [numpy_helper.from_array(np.array(n), name) for n, name in ((0, "a"), (1 << 60, "b"), (1, "c"))]
    return model([node("Range", "a b c", "r"), node("Cast", "r", "y", to=1)], weights=ends)


@hostile
def unknown_type() -> ModelProto:
    made = model([node("Add", "x w", "y")])
    made.graph.initializer.add(name="w", data_type=77, dims=[1], raw_data=b"\0" * 4)
    return made


@hostile
def text() -> ModelProto:
    made = model([node("Add", "x w", "y")])
    made.graph.initializer.add(name="w", data_type=TensorProto.STRING, dims=[1], string_data=[b"a"])
    return made


@hostile
def sparse_outside() -> ModelProto:
    made = model([node("Add", "x w", "y")])
    values = helper.make_tensor("w", FLOAT, [1], [1.0])
    places = helper.make_tensor("i", TensorProto.INT64, [1], [99])
    made.graph.sparse_initializer.append(helper.make_sparse_tensor(values, places, [2, 3]))
    return made


@hostile
def function_that_calls_itself() -> ModelProto:
    body = [helper.make_node("F", ["a"], ["b"], domain="own")]
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    function = helper.make_function("own", "F", ["a"], ["b"], body, opsets)
    return model([node("F", domain="own")], functions=[function], opsets=opsets)


@hostile
def functions_that_double() -> ModelProto:
    """Each calls the one before twice: a billion nodes from thirty."""
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    functions = [
        helper.make_function("own", "F0", ["a"], ["b"], [helper.make_node("Relu", ["a"], ["b"])], opsets)
    ]
    for k in range(1, 30):
        body = [helper.make_node(f"F{k - 1}", [a], [b], domain="own") for a, b in (("a", "c"), ("c", "b"))]
        functions.append(helper.make_function("own", f"F{k}", ["a"], ["b"], body, opsets))
    return model([node("F29", domain="own")], functions=functions, opsets=opsets)


@hostile
def loop_without_outputs() -> ModelProto:
    body = helper.make_graph(
        [], "body", [helper.make_tensor_value_info("i", 7, []), helper.make_tensor_value_info("c", 9, [])], []
    )
    return model([helper.make_node("Loop", ["", "", "x"], ["y"], name="n", body=body)])


@hostile
def branches_that_differ() -> ModelProto:
    branches = [
        helper.make_graph(
            [helper.make_node("Relu", ["x"], [name])], "b", [], [helper.make_tensor_value_info(name, 1, None)]
        )
        for name in ("p", "q")
    ]
    del branches[1].output[:]
    made = helper.make_node("If", ["c"], ["y"], name="n", then_branch=branches[0], else_branch=branches[1])
    return model([made], inputs=(("x", FLOAT, [2]), ("c", TensorProto.BOOL, [])))


@hostile
def external_without_location() -> ModelProto:
    made = model([node("Add", "x w", "y")])
    made.graph.initializer.add(name="w", data_type=FLOAT, dims=[3], data_location=1)
    return made


def _external(location: str, **more: str) -> ModelProto:
    made = model([node("Add", "x w", "y")])
    tensor = made.graph.initializer.add(name="w", data_type=FLOAT, dims=[3], data_location=1)
    for key, value in {"location": location, **more}.items():
        tensor.external_data.add(key=key, value=value)
    return made


@hostile
def external_missing() -> ModelProto:
    return _external("missing.bin")


@hostile
def external_above() -> ModelProto:
    return _external("../make.py")


@hostile
def external_above_in_the_middle() -> ModelProto:
    return _external("a/../../make.py")


@hostile
def external_absolute() -> ModelProto:
    return _external("/etc/hostname")


@hostile
def external_backslashes() -> ModelProto:
    return _external("..\\make.py")


@hostile
def external_drive() -> ModelProto:
    return _external("C:weights.bin")


@hostile
def external_folder() -> ModelProto:
    return _external(".")


@hostile
def external_too_short() -> ModelProto:
    return _external("make.py", offset="1000000")


@hostile
def external_no_number() -> ModelProto:
    return _external("make.py", offset="many")


@hostile
def external_negative() -> ModelProto:
    return _external("make.py", offset="-4", length="12")


@hostile
def recurrent_weights_that_do_not_fit() -> ModelProto:
    arrays = [
        numpy_helper.from_array(np.zeros(shape, np.float32), name)
        for shape, name in (((1, 16, 3), "w"), ((1, 12, 4), "r"))
    ]
    return model(
        [node("LSTM", "x w r", "y", hidden_size=4)], weights=arrays, inputs=(("x", FLOAT, [5, 1, 3]),)
    )


def main() -> None:
    """Write all of them."""
    for name, make in MADE.items():
        made = make()
        raw = made if isinstance(made, bytes) else made.SerializeToString(deterministic=True)
        (HERE / f"{name}.onnx").write_bytes(raw)


if __name__ == "__main__":
    main()
