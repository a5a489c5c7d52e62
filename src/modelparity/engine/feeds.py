"""Compare arrays with a graph's inputs before anything runs: names, ranks, sizes, types, least lengths."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping

import numpy as np

from ..errors import InputError
from ..graph import Array, Graph, TensorSpec, numbered
from .limits import limits


def expect_graph(given: object) -> None:
    """Raise `InputError` unless this is a `Graph`: paths and modules are read first, once."""
    if not isinstance(given, Graph):
        raise InputError(
            "a Graph is wanted",
            found=given if isinstance(given, str) else type(given).__name__,
            expected="what mp.load gives",
            fix='mp.load("model.onnx"), or mp.load(module, example=x)',
        )


def bound(graph: Graph, x: Array | Mapping[str, Array]) -> dict[str, Array]:
    """Input name -> array, checked; an axis name that occurs twice must have one size.

    A single array is taken for the only input. Raises `InputError` naming input, axis, found and expected.
    """
    expect_graph(graph)
    wanted = {spec.name: spec for spec in graph.inputs}
    if not isinstance(x, Mapping):
        needed = [name for name in wanted if name not in graph.states and name not in graph.defaults]
        if len(needed) != 1:
            raise InputError(
                f"one array was given for {len(wanted)} inputs",
                where=graph.name,
                expected=f"a dict of {', '.join(map(str, graph.inputs))}",
            )
        x = {needed[0]: x}
    x = {**_fresh(graph, wanted, x), **x}
    if set(x) != set(wanted):
        raise InputError(
            "input names do not match",
            where=graph.name,
            found=", ".join(sorted(x)) or "none",
            expected=", ".join(sorted(wanted)),
        )
    sizes: dict[str, int] = {}
    return {name: _checked(graph.name, spec, as_array(x[name]), sizes) for name, spec in wanted.items()}


def as_array(given: object) -> Array:
    """An array of a type that numpy computes with: tensors that are learned and types of other packages included.

    A PyTorch tensor is taken without its gradient; bfloat16 and float8 (PyTorch's and ml_dtypes') come as float32,
    which holds them exactly.
    """
    torch = sys.modules.get("torch")  # who has a tensor has loaded it
    if torch is not None and isinstance(given, torch.Tensor):
        tensor = given.detach().cpu()
        narrow = tensor.is_floating_point() and tensor.dtype not in (
            torch.float16,
            torch.float32,
            torch.float64,
        )
        given = (tensor.float() if narrow else tensor).numpy()
    array = np.asarray(given)
    # Extension types of numpy: no kind of its own, and a name that says what they are.
    foreign = array.dtype.kind == "V" and array.dtype.names is None and "float" in array.dtype.name
    return array.astype(np.float32) if foreign else array


def _fresh(graph: Graph, wanted: Mapping[str, TensorSpec], x: Mapping[str, Array]) -> dict[str, Array]:
    """Zeros for every state, and what fills inputs that may be left out: what a caller who gives none starts from.

    An axis that a given input has too is as long as there, any other as short as it may be.
    """
    values: dict[str, float | Array] = {**dict.fromkeys(graph.states, 0.0), **graph.defaults}
    known = {
        axis.name: size
        for name in x.keys() & wanted.keys()
        for axis, size in zip(wanted[name].axes, np.shape(x[name]), strict=False)
        if axis.size is None
    }
    fresh = {}
    for name, value in values.items():
        if name in x:
            continue
        shape = [
            known.get(axis.name, axis.least) if axis.size is None else axis.size for axis in wanted[name].axes
        ]
        if math.prod(shape) > limits().elements:
            raise InputError(
                f"what fills input {name!r} would be absurdly large",
                where=graph.name,
                found=tuple(shape),
                expected=f"at most {limits().elements:,} elements",
                fix=f"give {name!r} yourself",
            )
        fresh[name] = np.full(shape, value, wanted[name].dtype)
    return fresh


def _checked(model: str, spec: TensorSpec, array: Array, sizes: dict[str, int]) -> Array:
    where = f"{model}, input {spec.name!r}"
    shape = ", ".join(map(str, spec.axes))
    if array.ndim != len(spec.axes):
        raise InputError(
            f"rank {array.ndim} instead of {len(spec.axes)}",
            where=where,
            found=array.shape,
            expected=f"({shape})",
        )
    for axis, size in zip(spec.axes, array.shape, strict=True):
        expected = sizes.setdefault(axis.name, size) if axis.size is None else axis.size
        if size != expected:
            raise InputError(
                f"axis {axis.name!r} has size {size} instead of {expected}",
                where=where,
                found=array.shape,
                expected=f"({shape})",
            )
        if size < axis.least:
            raise InputError(
                f"axis {axis.name!r} has size {size}, and this network needs at least {axis.least}",
                where=where,
                found=array.shape,
                fix=f"give at least {axis.least} along {axis.name!r}",
            )
        if axis.size is None and axis.most is not None and size > axis.most:
            raise InputError(
                f"axis {axis.name!r} has size {size}, and the file takes {axis.most} at most",
                where=where,
                found=array.shape,
                expected=f"({shape})",
                fix=f"give at most {axis.most} along {axis.name!r}",
            )
    if spec.shapes and array.shape not in spec.shapes:
        raise InputError(
            "the file lists the shapes that it takes, and this is none of them",
            where=where,
            found=array.shape,
            expected=f"one of {', '.join(map(str, spec.shapes[:12]))}",
        )
    if spec.words and array.dtype.kind in "UO":
        array = numbered(map(str, array.reshape(-1))).reshape(array.shape)
    if array.dtype.kind not in "fiub":
        raise InputError("not a numeric array", where=where, found=array.dtype, expected=spec.dtype)
    kind = np.dtype(spec.dtype).kind
    if kind == "f" and array.dtype.kind != "f":
        raise InputError(
            "element type differs",
            where=where,
            found=array.dtype,
            expected=spec.dtype,
            fix=f"convert the array with .astype({spec.dtype!r})",
        )
    if kind != "f" and array.dtype.kind != kind:
        raise InputError("element type differs", where=where, found=array.dtype, expected=spec.dtype)
    return array
