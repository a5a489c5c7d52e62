"""What a faulty file is: a mistake that people make, in a source or in a file itself, with the truth beside it."""

from __future__ import annotations

import copy
import logging
import warnings
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import modelparity as mp

from ..conformance.torch.architecture import noise, scattered, whole

__all__ = ["ALL", "Mistake", "in_file", "in_source", "noise", "retold", "scattered", "whole"]

#: Id -> faulty file. Filled by `in_source` and `in_file`, in the modules beside.
ALL: dict[str, Mistake] = {}
#: One of so many ids, by chance, is never looked at when anything is mended; kinds of file of which all were.
HELD, SEEN = 7, ("edited.onnx", ".json")


@dataclass(frozen=True)
class Mistake:
    """A faulty file.

    ``name`` says what was done, and is shared by all files in which it was; ``kind`` is the kind of network, ``file``
    what the candidate is. ``places`` are the nodes of the reference at which it is: "op" or "op@text", where the text
    is a part of the node's name or origin. ``right`` are ids of causes that are true of it. ``make`` writes the
    candidate into a folder and gives the reference with it.
    """

    name: str
    kind: str
    file: str
    places: tuple[str, ...]
    right: frozenset[str]
    make: Callable[[Path], tuple[mp.Graph, Path]]

    @property
    def id(self) -> str:
        """The same in every run."""
        return f"{self.name} ({self.file})"

    @property
    def held(self) -> bool:
        """Whether it is one of those that are only ever measured."""
        return self.file not in SEEN and sha256(self.id.encode()).digest()[0] % HELD == 0

    def is_at(self, graph: mp.Graph, name: str) -> bool:
        """Whether a node of the reference is one of those at which the mistake is."""
        for node in graph.nodes:
            if node.name == name:
                parts = (one.partition("@") for one in self.places)
                return any(
                    op in ("", node.op) and (text in node.name or text in node.origin)
                    for op, _, text in parts
                )
        return False


def words(text: str) -> tuple[str, ...]:
    """What is separated by spaces."""
    return tuple(text.split())


def in_source(
    name: str, kind: str, *, at: str, right: str, to: str = ".onnx", **more: Any
) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Register what returns (module, the module with the mistake, input tensors), exported ``to`` each kind of file.

    Kinds: ".onnx" by PyTorch's exporter of traces, "dynamo.onnx" by the one of programs, ".pt2", ".mlpackage" and
    ".mlmodel" by coremltools. ``more`` goes to the exporter.
    """

    def register(make: Callable[[], Any]) -> Callable[[], Any]:
        for file in words(to):

            def made(folder: Path, file: str = file) -> tuple[mp.Graph, Path]:
                module, wrong, x = seeded(make)
                x = x if isinstance(x, tuple) else (x,)
                names = names_of(module)
                reference = quietly(lambda: mp.load(module, example=dict(zip(names, x, strict=True))))
                path = folder / f"wrong{'.onnx' if 'onnx' in file else file}"
                with quiet():
                    WRITERS[file](wrong, x, names, path, **more)
                return reference, path

            _put(Mistake(name, kind, file, words(at), frozenset(words(right)), made))
        return make

    return register


def in_file(
    name: str, kind: str, *, file: str, at: str, right: str
) -> Callable[[Callable[[Path], Path]], Callable[[Path], Path]]:
    """Register what writes the right file as "right" and gives the path of the wrong one beside it."""

    def register(make: Callable[[Path], Path]) -> Callable[[Path], Path]:
        def made(folder: Path) -> tuple[mp.Graph, Path]:
            with quiet():
                wrong = make(folder)
            return mp.load(folder / f"right{file.removeprefix('edited')}"), wrong

        _put(Mistake(name, kind, file, words(at), frozenset(words(right)), made))
        return make

    return register


def _put(one: Mistake) -> None:
    assert one.id not in ALL, one.id
    ALL[one.id] = one


def seeded(make: Callable[[], Any]) -> Any:
    """What it returns, with the same weights every time."""
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(11)
        return make()


def names_of(module: Any) -> list[str]:
    """Names of what a module's forward is given."""
    import inspect

    return list(inspect.signature(module.forward).parameters)


def retold(module: Any, other: type) -> Any:
    """A copy of a module, written another way: its weights, the methods of ``other``."""
    made = copy.deepcopy(module)
    made.__class__ = other
    return made


@contextmanager
def quiet():  # type: ignore[no-untyped-def]
    """Without the exporters' chatter."""
    import contextlib
    import io

    level = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)


def quietly(call: Callable[[], Any]) -> Any:
    """What a call gives, without chatter."""
    with quiet():
        return call()


def _traced_onnx(module: Any, x: tuple[Any, ...], names: list[str], path: Path, **more: Any) -> None:
    import torch

    torch.onnx.export(module, x, str(path), dynamo=False, input_names=names, verbose=False, **more)


def _program_onnx(module: Any, x: tuple[Any, ...], names: list[str], path: Path, **more: Any) -> None:
    import torch

    torch.onnx.export(module, x, dynamo=True, input_names=names, verbose=False, **more).save(str(path))


def _program(module: Any, x: tuple[Any, ...], _: list[str], path: Path) -> None:
    import torch

    torch.export.save(torch.export.export(module, x), str(path))


def _core_ml(kind: str) -> Callable[..., None]:
    def write(module: Any, x: tuple[Any, ...], names: list[str], path: Path) -> None:
        import coremltools as ct
        import torch

        more = {"compute_precision": ct.precision.FLOAT32} if kind == "mlprogram" else {}
        given = [ct.TensorType(name=name, shape=one.shape) for name, one in zip(names, x, strict=True)]
        ct.convert(
            torch.jit.trace(module, x), inputs=given, convert_to=kind, skip_model_load=True, **more
        ).save(str(path))

    return write


def _core_ml_program(module: Any, x: tuple[Any, ...], names: list[str], path: Path) -> None:
    import coremltools as ct
    import torch

    program = torch.export.export(module, x).run_decompositions({})
    ct.convert(
        program, convert_to="mlprogram", compute_precision=ct.precision.FLOAT32, skip_model_load=True
    ).save(str(path))


#: Kind of file -> what writes it.
WRITERS: dict[str, Callable[..., None]] = {
    ".onnx": _traced_onnx,
    "dynamo.onnx": _program_onnx,
    ".pt2": _program,
    ".mlpackage": _core_ml("mlprogram"),
    ".mlmodel": _core_ml("neuralnetwork"),
    "program.mlpackage": _core_ml_program,
}


def every() -> Iterable[Mistake]:
    """All of them, whatever module they stand in."""
    from . import corpus

    assert corpus.MODULES
    return ALL.values()
