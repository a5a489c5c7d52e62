"""The architectures of the conformance suite as files: ``python -m tests.conformance.torch.files FOLDER``.

Each as PyTorch's own archive of its program; where that holds what is not read from a file, as an ONNX file of the
graph that is read from the module.
"""

from __future__ import annotations

import importlib.util
import sys
import warnings
from pathlib import Path

import torch

import modelparity as mp
from modelparity.errors import ModelparityError
from modelparity.inputs import make

from .architecture import Architecture
from .architectures import ALL


def written(one: Architecture, folder: Path) -> Path | str:
    """The file of an architecture, or why there is none."""
    if importlib.util.find_spec(one.needs) is None:
        return f"{one.needs} is not installed"
    module, example = one.make(), one.example()
    path = folder / f"{''.join(c if c.isalnum() else '_' for c in one.name)}.pt2"
    try:
        torch.export.save(torch.export.export(module, (), example), path)
        graph = mp.load(path)
        mp.run(graph, make(graph, "noise"))
    except (ModelparityError, RuntimeError):
        path.unlink(missing_ok=True)
        try:
            return mp.convert(mp.load(module, example=example), path.with_suffix(".onnx"))
        except ModelparityError as error:
            return str(error).partition("\n")[0]
    return path


def main() -> int:
    """Write them all; 1 if one could not be."""
    warnings.simplefilter("ignore")
    (folder := Path(sys.argv[1])).mkdir(parents=True, exist_ok=True)
    lost = 0
    for one in ALL.values():
        found = written(one, folder)
        lost += isinstance(found, str)
        print(f"{one.name}: {found}")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
