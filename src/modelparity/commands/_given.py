"""The inputs that `check` was asked for: a recipe's, at sizes that were given, or those of a file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError

if TYPE_CHECKING:
    from ..graph import Array, Graph
    from ..verdict.question import Question


def pair(text: str) -> tuple[str, str]:
    """``NAME=VALUE`` of the command line."""
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    return name, value


def number(text: str) -> tuple[str, int]:
    """``NAME=N`` of the command line, N from 1 on."""
    name, value = pair(text)
    if not value.isdecimal() or int(value) < 1:
        raise argparse.ArgumentTypeError(f"{value!r} in {text!r} is no whole number from 1 on")
    return name, int(value)


def value(text: str) -> tuple[str, float]:
    """``NAME=VALUE`` of the command line, VALUE a number."""
    name, said = pair(text)
    try:
        return name, float(said)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{said!r} in {text!r} is no number") from None


def question(graph: Graph, args: argparse.Namespace) -> Question:
    """What the command line asks of every candidate of ``graph``."""
    from ..verdict.placing import SECONDS
    from ..verdict.question import Question

    names = dict(args.name or ())
    if args.inputs is None:
        return Question(
            graph,
            recipes=args.recipe and tuple(args.recipe),
            seed=args.seed or 0,
            length=args.length,
            sizes=dict(args.size or ()),
            below=dict(args.below or ()),
            names=names,
            fills=dict(args.fill or ()),
            ignore=tuple(args.ignore or ()),
            fit=args.fit,
            expect=args.expect,
            limits=dict(args.limit or ()),
            explain=SECONDS * args.explain,
        )
    if args.recipe or args.seed is not None or args.length is not None or args.size or args.below:
        raise InputError(
            "--inputs stands instead of a recipe: --recipe, --seed, --length, --size, --below do not go with it"
        )
    return Question(
        graph,
        inputs=read_inputs(args.inputs, graph),
        about={"file": args.inputs.name},
        names=names,
        fills=dict(args.fill or ()),
        ignore=tuple(args.ignore or ()),
        fit=args.fit,
        expect=args.expect,
        limits=dict(args.limit or ()),
        explain=SECONDS * args.explain,
    )


def read_inputs(path: Path, graph: Graph) -> dict[str, Array]:
    """The arrays of an .npz file, by input name; a single array serves a single input whatever its name.

    Nothing is unpickled. Raises `InputError` for a file that is not what it should be.
    """
    import zipfile

    import numpy as np

    try:
        loaded: Any = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            raise InputError(
                "holds one bare array", where=path, fix="save it with np.savez(path, name=array)"
            )
        with loaded as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(
            "not readable as arrays",
            where=path,
            # numpy takes what it does not know for a pickle, and would tell how to load that unsafely.
            found="no archive of arrays"
            if "pickled" in str(error)
            else getattr(error, "strerror", None) or error,
            expected="an .npz file of plain numeric arrays",
        ) from error
    if len(arrays) == 1 and len(graph.inputs) == 1:
        return {graph.inputs[0].name: next(iter(arrays.values()))}
    return arrays
