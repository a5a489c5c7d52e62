"""Products with matrices: fully connected layers, embeddings, batched products."""

from __future__ import annotations

from ..layer import Op
from ..registry import reads


@reads("innerProduct")
def inner_product(op: Op) -> None:
    """Ranks 1 to 3: the last axis; rank 4 and 5: channel, height and width as one."""
    op.expects(1)
    ins, outs = op.attr("inputChannels", kind=int), op.attr("outputChannels", kind=int)
    weight = op.constant(op.weight("weights", (outs, ins)).T, "weights")
    bias = op.constant(op.weight("bias", (outs,)), "bias") if op.attr("hasBias") else ""
    x, rank = op.input(0), op.rank()
    if rank > 5:
        raise op.error("rank of the input is too high", found=rank, expected="1 to 5")
    if rank > 3:
        x = op.temp("reshape", [x], shape=(0, -1) if rank == 4 else (0, 0, -1), rank=rank - 2)
    y = op.temp("dense", [_eight_bits(op, x), weight, *([bias] if bias else [])])
    op.results(op.temp("expand_dims", [y], axes=(-2, -1), rank=rank) if rank > 3 else y)


def _eight_bits(op: Op, x: str) -> str:
    """The input as numbers of 8 bits, if the layer says that it is quantised while the network runs."""
    if not op.attr("int8DynamicQuantize"):
        return x
    message = op.p.message.weights
    if not len(message.int8RawValue) or message.quantization.linearQuantization.bias:
        raise op.error(
            "int8DynamicQuantize asks for weights in int8RawValue, with a scale and no bias",
            found=f"{len(message.int8RawValue)} bytes",
        )
    return op.temp("dynamic_quantize", [x])


@reads("embedding", "embeddingND")
def embedding(op: Op) -> None:
    """Rows of a table; indices stand where one axis (N-D) or three have size one."""
    op.expects(1)
    classic = op.type == "embedding"
    entries, size = (
        (op.attr("inputDim"), op.attr("outputChannels"))
        if classic
        else (op.attr("vocabSize"), op.attr("embeddingSize"))
    )
    table = op.constant(op.weight("weights", (int(size), int(entries))).T, "weights")
    op.at_least(4 if classic else 2)
    rank, units = op.rank(), 3 if classic else 1
    indices = op.temp("squeeze", [op.input(0)], axes=tuple(range(-units, 0)), rank=rank - units)
    y = op.temp("embedding", [op.whole(indices), table], rank=rank - units + 1)
    if op.attr("hasBias"):
        y = op.temp("add", [y, op.constant(op.weight("bias", (int(size),)), "bias")])
    op.results(op.temp("expand_dims", [y], axes=(-2, -1), rank=rank) if classic else y)


@reads("batchedMatmul")
def batched_matmul(op: Op) -> None:
    """Two inputs, or one and a matrix that is stored column by column."""
    op.expects((1, 2))
    if op.count == 1:
        op.ignore("transposeA", "transposeB")
        rows, columns = (
            op.attr("weightMatrixFirstDimension", kind=int),
            op.attr("weightMatrixSecondDimension", kind=int),
        )
        weight = op.constant(op.weight("weights", (columns, rows)).T, "weights")
        bias = [op.constant(op.weight("bias", (columns,)), "bias")] if op.attr("hasBias") else []
        op.give("dense", [_eight_bits(op, op.input(0)), weight, *bias])
        return
    op.ignore(
        "weightMatrixFirstDimension",
        "weightMatrixSecondDimension",
        "hasBias",
        "weights",
        "bias",
        "int8DynamicQuantize",
    )
    sides = []
    for tensor, turned, axis in (
        (op.input(0), op.attr("transposeA"), 0),
        (op.input(1), op.attr("transposeB"), 1),
    ):
        rank = op.rank_of(tensor)
        if rank == 1:
            tensor = op.temp("expand_dims", [tensor], axes=(axis,), rank=2)
            rank = 2
        if turned:
            tensor = op.temp("transpose", [tensor], axes=(*range(rank - 2), rank - 1, rank - 2))
        sides.append(tensor)
    op.give("matmul", sides)


@reads("dot")
def dot(op: Op) -> None:
    """Sum of products over channels, of unit vectors if the cosine is asked for."""
    op.expects(2)
    sides = list(op.inputs())
    for tensor in sides:
        op.at_least(3, tensor)
    if op.attr("cosineSimilarity"):
        sides = [op.temp("l2_normalize", [tensor], axes=(-3,), epsilon=0.0) for tensor in sides]
    op.give("reduce_sum", [op.temp("mul", sides)], axes=(-3,), keepdims=True)
