"""What Polygraphy's own comparator says of pairs of ONNX files: run by an interpreter that has Polygraphy.

``PYTHON polygraphy_says.py PAIRS.json`` with ``[[reference, candidate, inputs.npz], ...]`` prints a JSON line a pair:
``{"differs": ..., "first": ...}``, the first tensor that differs, in the order in which Polygraphy compares them.
Every tensor of both is marked as an output, and all else is as Polygraphy has it: tolerances of 1e-5 by element,
tensors found by name. It imports nothing of this package, so that it runs in an environment of its own.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from polygraphy import constants
from polygraphy.backend.onnx import BytesFromOnnx, ModifyOutputs, OnnxFromPath
from polygraphy.backend.onnxrt import OnnxrtRunner, SessionFromOnnx
from polygraphy.comparator import Comparator, CompareFunc
from polygraphy.logger import G_LOGGER


def runner(path: str, name: str) -> OnnxrtRunner:
    """onnxruntime on a file of which every tensor is an output."""
    marked = ModifyOutputs(OnnxFromPath(path), outputs=constants.MARK_ALL)
    return OnnxrtRunner(SessionFromOnnx(BytesFromOnnx(marked)), name=name)


def says(reference: str, candidate: str, inputs: str) -> dict[str, object]:
    """Its answer on one pair. An error is a difference, of no tensor."""
    try:
        feeds = [dict(np.load(inputs))]
        both = [runner(reference, "reference"), runner(candidate, "candidate")]
        found = Comparator.compare_accuracy(
            Comparator.run(both, data_loader=feeds), compare_func=CompareFunc.simple()
        )
    except Exception as error:  # of whatever kind: it does not say that they agree
        return {"differs": True, "first": None, "error": str(error)[:200]}
    pairs = [each for result in found for every in result.values() for each in every]
    tensors = [(name, bool(one)) for each in pairs for name, one in each.items()]
    first = next((name for name, agrees in tensors if not agrees), None)
    return {"differs": not bool(found), "first": first, "compared": len(tensors)}


def main() -> None:
    """Answer every pair."""
    G_LOGGER.module_severity = G_LOGGER.CRITICAL
    for pair in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")):
        print(json.dumps(says(*pair)), flush=True)


if __name__ == "__main__":
    main()
