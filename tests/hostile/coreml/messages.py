"""Core ML messages in few words, for files that no writer would write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from modelparity.formats.coreml.proto import module

MIL, NN, MODEL = module("MIL"), module("NeuralNetwork"), module("Model")
#: Enough of the types of MIL.
TYPES = {"fp32": MIL.FLOAT32, "int32": MIL.INT32, "bool": MIL.BOOL, "string": MIL.STRING, "fp16": MIL.FLOAT16}
Typed = tuple[str, tuple[int, ...]]
X: Typed = ("fp32", (2, 3))


def of(kind: str, *sizes: int) -> Any:
    """A tensor's type; sizes are taken as 64 bits without sign, as the file has them."""
    made = MIL.ValueType()
    made.tensorType.dataType = TYPES.get(kind) or int(kind)
    made.tensorType.rank = len(sizes)
    for size in sizes:
        made.tensorType.dimensions.add().constant.size = size % (1 << 64)
    return made


def value(what: Any, *sizes: int, kind: str = "") -> Any:
    """A value in the file: a number, a text, or a list of them with their shape."""
    items = what if isinstance(what, list) else [what]
    held = {bool: "bools", int: "ints", float: "floats", str: "strings"}[type(items[0])]
    natural = {"bools": "bool", "ints": "int32", "floats": "fp32", "strings": "string"}[held]
    made = MIL.Value()
    shape = sizes or ((len(items),) if isinstance(what, list) else ())
    made.type.CopyFrom(of(kind or natural, *shape))
    getattr(made.immediateValue.tensor, held).values.extend(items)
    return made


def blob(offset: int, kind: str, *sizes: int, name: str = "@model_path/weights/weight.bin") -> Any:
    """A value in the weights file."""
    made = MIL.Value()
    made.type.CopyFrom(of(kind, *sizes))
    made.blobFileValue.fileName, made.blobFileValue.offset = name, offset
    return made


def op(kind: str, outputs: Mapping[str, Typed], *blocks: Any, **inputs: Any) -> Any:
    """An operation. An input is a name, a value, or a list of those."""
    made = MIL.Operation()
    made.type = kind
    for name, (dtype, shape) in outputs.items():
        one = made.outputs.add()
        one.name = name
        one.type.CopyFrom(of(dtype, *shape))
    for param, given in inputs.items():
        for one in given if isinstance(given, list) else [given]:
            argument = made.inputs[param].arguments.add()
            if isinstance(one, str):
                argument.name = one
            else:
                argument.value.CopyFrom(one)
    made.blocks.extend(blocks)
    return made


def const(name: str, held: Any) -> Any:
    """A constant."""
    made = MIL.Operation()
    made.type = "const"
    one = made.outputs.add()
    one.name = name
    one.type.CopyFrom(held.type)
    made.attributes["val"].CopyFrom(held)
    return made


def block(
    operations: Sequence[Any], outputs: Sequence[str], inputs: Mapping[str, Typed] | None = None
) -> Any:
    """A block."""
    made = MIL.Block()
    made.operations.extend(operations)
    made.outputs.extend(outputs)
    for name, (dtype, shape) in (inputs or {}).items():
        one = made.inputs.add()
        one.name = name
        one.type.CopyFrom(of(dtype, *shape))
    return made


def described(model: Any, side: str, name: str, kind: str, shape: Sequence[int]) -> Any:
    """Add an array to a description."""
    one = getattr(model.description, side).add()
    one.name = name
    array = one.type.multiArrayType
    types = type(array).ArrayDataType
    array.dataType = types.Value({"int32": "INT32", "fp16": "FLOAT16"}.get(kind, "FLOAT32"))
    array.shape.extend(shape)
    return one


def program(
    operations: Sequence[Any],
    *,
    inputs: Mapping[str, Typed] | None = None,
    outputs: Sequence[str] = ("y",),
    opset: str = "CoreML7",
    version: int = 8,
) -> Any:
    """A model with a program of one function, main, of one input x unless others are given."""
    model = MODEL.Model(specificationVersion=version)
    inputs = {"x": X} if inputs is None else inputs
    for name, (dtype, shape) in inputs.items():
        described(model, "input", name, dtype, shape)
    for name in outputs:
        described(model, "output", name, "fp32", ())
    model.mlProgram.version = 1
    function = model.mlProgram.functions["main"]
    for name, (dtype, shape) in inputs.items():
        one = function.inputs.add()
        one.name = name
        one.type.CopyFrom(of(dtype, *shape))
    function.opset = opset
    function.block_specializations[opset].CopyFrom(block(operations, outputs))
    return model


def relu(taken: str = "x", given: str = "y", shape: tuple[int, ...] = (2, 3)) -> Any:
    """The plainest operation."""
    return op("relu", {given: ("fp32", shape)}, x=taken)


def network(
    *layers: Any,
    shape: Sequence[int] = (2, 3),
    outputs: Sequence[str] = ("y",),
    classic: bool = False,
    kind: str = "neuralNetwork",
) -> Any:
    """A model with a network of one input x."""
    model = MODEL.Model(specificationVersion=5)
    described(model, "input", "x", "fp32", shape)
    for name in outputs:
        described(model, "output", name, "fp32", ())
    inner = getattr(model, kind)
    inner.layers.extend(layers)
    inner.arrayInputShapeMapping = 0 if classic else 1
    if not layers:
        inner.SetInParent()
    return model


def layer(kind: str, inputs: str = "x", outputs: str = "y", **fields: Any) -> Any:
    """A layer; lists extend, mappings are messages."""
    made = NN.NeuralNetworkLayer(name=f"the {kind}", input=inputs.split(), output=outputs.split())
    _fill(getattr(made, kind), fields)
    return made


def _fill(message: Any, fields: Mapping[str, Any]) -> None:
    message.SetInParent()
    for name, held in fields.items():
        if isinstance(held, Mapping):
            _fill(getattr(message, name), held)
        elif isinstance(held, list | tuple):
            getattr(message, name).extend(held)
        else:
            setattr(message, name, held)


def nested(levels: int, innermost: Any, wrap: Any) -> Any:
    """``wrap`` applied that many times."""
    for level in range(levels):
        innermost = wrap(innermost, level)
    return innermost
