"""Products with matrices: fully connected layers, embeddings, batched products."""

from __future__ import annotations

from ..layer import Layer
from ..registry import layer


@layer("innerProduct")
def inner_product(layer: Layer) -> None:
    """Ranks 1 to 3: the last axis; rank 4 and 5: channel, height and width as one."""
    layer.count(1)
    p = layer.p
    ins, outs = int(p.inputChannels), int(p.outputChannels)
    weight = layer.const(layer.weight("weights", (outs, ins)).T, "weights")
    bias = layer.const(layer.weight("bias", (outs,)), "bias") if p.hasBias else ""
    x, rank = layer.x, layer.rank()
    if rank > 5:
        raise layer.error("rank of the input is too high", found=rank, expected="1 to 5")
    if rank > 3:
        x = layer.emit("reshape", x, shape=(0, -1) if rank == 4 else (0, 0, -1), rank=rank - 2)
    y = layer.emit("dense", _eight_bits(layer, x), weight, *([bias] if bias else []))
    layer.give(layer.emit("expand_dims", y, axes=(-2, -1), rank=rank) if rank > 3 else y)


def _eight_bits(layer: Layer, x: str) -> str:
    """The input as numbers of 8 bits, if the layer says that it is quantised while the network runs."""
    if not layer.p.int8DynamicQuantize:
        return x
    message = layer.p.message.weights
    if not len(message.int8RawValue) or message.quantization.linearQuantization.bias:
        raise layer.error(
            "int8DynamicQuantize asks for weights in int8RawValue, with a scale and no bias",
            found=f"{len(message.int8RawValue)} bytes",
        )
    return layer.emit("dynamic_quantize", x)


@layer("embedding", "embeddingND")
def embedding(layer: Layer) -> None:
    """Rows of a table; indices stand where one axis (N-D) or three have size one."""
    layer.count(1)
    p, classic = layer.p, layer.kind == "embedding"
    entries, size = (p.inputDim, p.outputChannels) if classic else (p.vocabSize, p.embeddingSize)
    table = layer.const(layer.weight("weights", (int(size), int(entries))).T, "weights")
    layer.at_least(4 if classic else 2)
    rank, units = layer.rank(), 3 if classic else 1
    indices = layer.emit("squeeze", layer.x, axes=tuple(range(-units, 0)), rank=rank - units)
    y = layer.emit("embedding", layer.whole(indices), table, rank=rank - units + 1)
    if p.hasBias:
        y = layer.emit("add", y, layer.const(layer.weight("bias", (int(size),)), "bias"))
    layer.give(layer.emit("expand_dims", y, axes=(-2, -1), rank=rank) if classic else y)


@layer("batchedMatmul")
def batched_matmul(layer: Layer) -> None:
    """Two inputs, or one and a matrix that is stored column by column."""
    layer.count((1, 2))
    p = layer.p
    if len(layer.inputs) == 1:
        p.ignore("transposeA", "transposeB")
        rows, columns = int(p.weightMatrixFirstDimension), int(p.weightMatrixSecondDimension)
        weight = layer.const(layer.weight("weights", (columns, rows)).T, "weights")
        bias = [layer.const(layer.weight("bias", (columns,)), "bias")] if p.hasBias else []
        layer.give(layer.emit("dense", _eight_bits(layer, layer.x), weight, *bias))
        return
    p.ignore(
        "weightMatrixFirstDimension",
        "weightMatrixSecondDimension",
        "hasBias",
        "weights",
        "bias",
        "int8DynamicQuantize",
    )
    sides = []
    for tensor, turned, axis in ((layer.inputs[0], p.transposeA, 0), (layer.inputs[1], p.transposeB, 1)):
        rank = layer.rank(tensor)
        if rank == 1:
            tensor = layer.emit("expand_dims", tensor, axes=(axis,), rank=2)
            rank = 2
        if turned:
            tensor = layer.emit("transpose", tensor, axes=(*range(rank - 2), rank - 1, rank - 2))
        sides.append(tensor)
    layer.give(layer.emit("matmul", *sides))


@layer("dot")
def dot(layer: Layer) -> None:
    """Sum of products over channels, of unit vectors if the cosine is asked for."""
    layer.count(2)
    sides = list(layer.inputs)
    for tensor in sides:
        layer.at_least(3, tensor)
    if layer.p.cosineSimilarity:
        sides = [layer.emit("l2_normalize", tensor, axes=(-3,), epsilon=0.0) for tensor in sides]
    layer.give(layer.emit("reduce_sum", layer.emit("mul", *sides), axes=(-3,), keepdims=True))
