"""Does a candidate take the sizes that the reference was run at? Exported files often take one size only."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import InputError
from ..graph import Array, Graph, TensorSpec
from ..runtimes import Runtime


def refuse_sizes(
    engine: Runtime,
    candidate: object,
    graph: Graph,
    feeds: Mapping[str, Array],
    pairs: Mapping[str, str],
    *,
    where: str,
) -> None:
    """Raise `InputError` for the first of ``feeds`` (by the candidate's names) whose shape the candidate refuses.

    ``pairs`` is {the reference's name of an input: the candidate's}. The text says how to choose a size that both
    take, if there is one.
    """
    shapes = engine.shapes(candidate)
    for spec in graph.inputs:
        name = pairs.get(spec.name, spec.name)
        if name not in feeds or name not in shapes:
            continue
        found, taken = feeds[name].shape, shapes[name]
        if len(found) == len(taken) and all(
            own in (None, size) for own, size in zip(taken, found, strict=True)
        ):
            continue
        raise InputError(
            f"input {name!r} has another shape",
            where=where,
            found=f"({_text(found)})",
            expected=f"({_text(taken)})",
            fix=_fix(spec, found, taken),
        )


def _fix(spec: TensorSpec, found: tuple[int, ...], taken: tuple[int | None, ...]) -> str:
    """The sizes to ask for; or that the two are made for different shapes."""
    fixed = [axis.size for axis in spec.axes]
    if len(taken) != len(fixed) or any(
        None not in (own, size) and own != size for own, size in zip(taken, fixed, strict=True)
    ):
        return f"the reference takes {spec}: convert for the same shape"
    sizes = {
        axis.name: own
        for axis, own, size in zip(spec.axes, taken, found, strict=True)
        if own is not None and own != size
    }
    shape = ", ".join(
        str(axis.size) if axis.size is not None else f'"{axis.name}={sizes.get(axis.name, size)}"'
        for axis, size in zip(spec.axes, found, strict=True)
    )
    options = " ".join(f"--size {name}={size}" for name, size in sizes.items())
    return (
        f"the candidate takes one size only; choose it: {options} (modelparity check), sizes={sizes} (Python), "
        f"inputs.{spec.name} = [{shape}] (parity.toml)"
    )


def _text(shape: tuple[int | None, ...]) -> str:
    return ", ".join("any" if size is None else str(size) for size in shape)
