"""Layers that see each frame on its own: dense ones and batch normalisation."""

from __future__ import annotations

from ....errors import ArtefactError
from ....graph import Array
from ..builder import Builder, Extent, as_float, shaped, spread
from ..layer_attributes import View
from ..layer_registry import activate, reads


@reads("FeedForwardLayer")
def feed_forward(builder: Builder, name: str, view: View) -> None:
    """y = act(x W + b). A vector of weights makes a vector of results, as numpy's dot does."""
    weight, where = view.array("weights"), f"{view.where}.weights"
    vector = weight.ndim == 1
    weight = shaped(weight.reshape(-1, 1) if vector else weight, (None, None), where)
    if builder.rank < 1 or (builder.rank == 1 and not vector) or not builder.axes[-1].fits(weight.shape[0]):
        raise ArtefactError(
            "a dense layer does not fit what comes before it",
            where=where,
            found=f"{builder.axes[-1].known if builder.rank else 'a single number'} from the layer before",
            expected=f"frames of {weight.shape[0]}",
        )
    bias = spread(view.array("bias"), weight.shape[1], f"{view.where}.bias", weight)
    axes = (*builder.axes[:-1], Extent(weight.shape[1]))
    builder.node(f"{name}_dense", "dense", view.where, axes, {"weight": weight, "bias": bias})
    if vector:
        builder.node(f"{name}_squeeze", "squeeze", view.where, axes[:-1], axes=(-1,))
    activate(builder, name, view)


@reads("BatchNormLayer")
def batch_norm(builder: Builder, name: str, view: View) -> None:
    """(x - mean) * (gamma * inv_std) + beta; what is stored is the inverse deviation, not the variance."""
    raw = {part: view.array(part) for part in ("mean", "inv_std", "gamma", "beta")}
    like = next((array for array in raw.values() if array.dtype.kind == "f"), None)
    for part, array in raw.items():
        _check_broadcast(builder, array, f"{view.where}.{part}")
    arrays: dict[str, Array | None] = {part: as_float(array, like) for part, array in raw.items()}
    builder.node(f"{name}_normalize", "normalize", view.where, builder.axes, arrays)
    activate(builder, name, view)


def _check_broadcast(builder: Builder, array: Array, where: str) -> None:
    """A parameter must broadcast on the right without making the data larger, and not along time."""
    for place, size in enumerate(reversed(array.shape)):
        extent = builder.axes[-1 - place] if place < builder.rank else Extent(0)
        if size != 1 and (not extent.fits(size) or place >= builder.rank - 1):
            raise ArtefactError(
                "a parameter does not fit the layer before it",
                where=where,
                found=array.shape,
                expected=f"something that broadcasts to ({', '.join(str(e.known or 'any') for e in builder.axes)})",
            )
