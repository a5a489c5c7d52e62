"""A module, or a program exported before, as a program of core ATen operators."""

from __future__ import annotations

import contextlib
import inspect
import logging
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn
from torch._dynamo.exc import UserError, UserErrorType
from torch.export import Dim, ExportedProgram

from ....errors import ArtefactError, near
from ..naming import by_position
from .recurrence import Whole

#: Operators that are not taken apart, because the engine has each as one.
WHOLE = (
    "linear",
    "bilinear",
    "scaled_dot_product_attention",
    "glu",
    "hardswish",
    "hardsigmoid",
    "mish",
    "softplus",
    "log_sigmoid",
    "celu",
    "rms_norm",
    "upsample_nearest1d.vec",
    "upsample_nearest2d.vec",
    "upsample_nearest3d.vec",
    "_upsample_nearest_exact1d.vec",
    "_upsample_nearest_exact2d.vec",
    "_upsample_nearest_exact3d.vec",
    "upsample_linear1d.vec",
    "upsample_bilinear2d.vec",
    "pixel_unshuffle",
    "prelu",
    "_prelu_kernel",
    "silu",
    "log_sigmoid_forward",
    "im2col",
    "unfold",
    "nan_to_num",
    "threshold",
    "reflection_pad1d",
    "reflection_pad2d",
    "reflection_pad3d",
    "replication_pad1d",
    "replication_pad2d",
    "replication_pad3d",
    "baddbmm",
    "addcmul",
    "addcdiv",
    "lerp.Scalar",
    "rsub.Scalar",
    "logsumexp",
    "std.correction",
    "tril",
    "triu",
    "unbind.int",
    "stack",
    "masked_fill.Scalar",
    "masked_fill.Tensor",
    "roll",
    "einsum",
    "adaptive_avg_pool1d",
    "_softmax",
    "_log_softmax",
    "native_layer_norm",
    "native_group_norm",
    "_native_batch_norm_legit_no_training",
    "split.Tensor",
    "hardtanh",
    "leaky_relu",
    "elu",
    "gelu",
    "_adaptive_avg_pool2d",
    "_adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
)


def traced(module: nn.Module, example: Any, dynamic_shapes: Any) -> ExportedProgram:
    """``module`` in eval mode, exported for ``example``: give a copy.

    ``example`` is a tensor or array, a tuple of arguments, or a mapping of keyword arguments. Raises
    `ArtefactError` where PyTorch cannot export it.
    """
    args, kwargs = called(example)
    for name in collected(module, kwargs):
        args += (kwargs.pop(name),)
    module.eval()

    def exported(dims: Any) -> ExportedProgram:
        with quiet(), Whole(), buffers_written():
            program: ExportedProgram = torch.export.export(
                module, args, kwargs, dynamic_shapes=dims, strict=False
            )
            return program

    try:
        try:
            return exported(_dims(module, dynamic_shapes, args, kwargs, Dim))
        except UserError as error:
            # A name alone claims every size. Where the module needs more of a size, PyTorch finds out what.
            if error.error_type is not UserErrorType.CONSTRAINT_VIOLATION:
                raise
            found = re.search(r"Constraints violated \(([^)]*)\)", str(error))
            needy = set(found[1].split(", ")) if found else set()

            def dim(name: str) -> Any:
                return Dim.DYNAMIC if name in needy or not needy else Dim(name)

            return exported(_dims(module, dynamic_shapes, args, kwargs, dim))
    except ArtefactError:
        raise
    except Exception as error:
        raise _refused(type(module).__name__, error) from error


def scripted(module: Any, example: Any) -> ExportedProgram:
    """A TorchScript module as a program; recurrent layers come step by step, as many as the example has."""
    args, kwargs = called(example)
    try:
        from torch._export.converter import TS2EPConverter

        with quiet():
            names = [one.name for one in module.forward.schema.arguments[1:]]
            order = (*args, *(kwargs[name] for name in names if name in kwargs))
            program: ExportedProgram = TS2EPConverter(module, order).convert()
            return program
    except Exception as error:
        raise _refused(type(module).__name__, error) from error


def decomposed(program: ExportedProgram, where: str) -> ExportedProgram:
    """``program`` without in-place operations, in operators of core ATen and those of `WHOLE`."""
    table = torch.export.default_decompositions()
    for name in WHOLE:
        packet, _, overload = name.partition(".")
        known = getattr(torch.ops.aten, packet, None)
        if known is not None and (overload or "default") in known.overloads():
            table.pop(getattr(known, overload or "default"), None)  # type: ignore[no-untyped-call]
    try:
        with quiet():
            result: ExportedProgram = program.run_decompositions(table)
            return result
    except Exception as error:
        raise _refused(where, error) from error


def called(example: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What a module is called with: positional and keyword arguments, arrays made tensors."""
    if example is None:
        raise ArtefactError(
            "a module is read by running it once, on an example that was not given",
            fix="mp.load(module, example=x): a tensor or array, a tuple of arguments, or a dict of them by name",
        )
    if isinstance(example, Mapping):
        return (), {str(name): _tensor(one) for name, one in example.items()}
    if isinstance(example, tuple):
        return tuple(_tensor(one) for one in example), {}
    return (_tensor(example),), {}


def collected(module: nn.Module, example: Any) -> tuple[str, ...]:
    """Names in an example that go by position, because the module takes ``*args``."""
    if not isinstance(example, Mapping):
        return ()
    return by_position(inspect.signature(module.forward).parameters.values(), map(str, example))


def _tensor(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        if value.dtype.name == "bfloat16":  # of ml_dtypes, which PyTorch does not take from numpy
            return torch.from_numpy(np.array(value, np.float32)).to(torch.bfloat16)
        return torch.from_numpy(np.array(value))
    if isinstance(value, tuple | list):
        return type(value)(_tensor(one) for one in value)
    return value


def _dims(
    module: nn.Module, shapes: Any, args: Sequence[Any], kwargs: Mapping[str, Any], make: Callable[[str], Any]
) -> Any:
    """``dynamic_shapes`` as `torch.export` wants them: what ``make`` makes of each name, every parameter named."""
    known: dict[str, Any] = {}

    def dim(value: Any) -> Any:
        if isinstance(value, str):
            return known.setdefault(value, make(value))
        if isinstance(value, Mapping):
            return {key: dim(one) for key, one in value.items()}
        if isinstance(value, tuple | list):
            return type(value)(dim(one) for one in value)
        return value

    if not isinstance(shapes, Mapping):
        return dim(shapes)
    own = getattr(module, "input_names", None)
    if own is not None and set(shapes) <= set(own):
        return {"inputs": tuple(dim(shapes.get(name)) for name in own)}
    known_names = inspect.signature(module.forward).parameters
    shapes = _gathered(known_names, args, shapes)
    given = inspect.signature(module.forward).bind(*args, **kwargs).arguments
    if unknown := sorted(set(shapes) - set(given)):
        raise ArtefactError(
            f"dynamic_shapes name {unknown[0]!r}, which the example does not give",
            where=type(module).__name__,
            expected=near(unknown[0], given),
        )
    return {name: dim(shapes.get(name)) for name in given}


def _gathered(
    parameters: Mapping[str, inspect.Parameter], args: Sequence[Any], shapes: Mapping[str, Any]
) -> Mapping[str, Any]:
    """``shapes`` with what ``*args`` collects in one tuple under its name, as `torch.export` wants it."""
    several = next((one.name for one in parameters.values() if one.kind is one.VAR_POSITIONAL), None)
    if several is None or several in shapes:
        return shapes
    names = by_position(parameters.values(), shapes)
    rest = [name for name in names if name not in parameters]
    count = len(args) - sum(one in parameters for one in names)
    if len(rest) > count:
        return shapes
    own = {name: one for name, one in shapes.items() if name not in rest}
    return {**own, several: tuple(shapes[name] for name in rest) + (None,) * (count - len(rest))}


@contextlib.contextmanager
def buffers_written() -> Iterator[None]:
    """Who gives a buffer anew writes into the one that is there.

    PyTorch's exporter loses what a module inside another assigns to its buffer, and sees what is written into it.
    """
    plain = nn.Module.__setattr__

    def write(self: nn.Module, name: str, value: Any) -> None:
        held = self.__dict__.get("_buffers", {}).get(name)
        alike = isinstance(held, torch.Tensor) and isinstance(value, torch.Tensor)
        if alike and value is not held and (value.shape, value.dtype) == (held.shape, held.dtype):
            held.copy_(value)
        else:
            plain(self, name, value)

    nn.Module.__setattr__ = write  # type: ignore[method-assign]
    try:
        yield
    finally:
        nn.Module.__setattr__ = plain  # type: ignore[method-assign]


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Fused paths of attention off, which have operators of their own; what the exporter warns of is none of ours."""
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    level = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)
        torch.backends.mha.set_fastpath_enabled(fast)


def _refused(where: str, error: Exception) -> ArtefactError:
    said = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return ArtefactError(
        "PyTorch cannot export this module",
        where=where,
        found="\n            ".join(said[:8])[:1500],
        fix="try module(*args) itself: the example may not fit. If it runs, torch.export.draft_export(module, args) "
        "reports every place; control flow that depends on values has to be written with torch.cond, or decided "
        "before the export",
    )
