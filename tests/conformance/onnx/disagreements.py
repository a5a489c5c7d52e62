"""Where onnx's reference and onnxruntime differ on onnx's own node tests, beyond a case's tolerance.

Prints a line a case: what the case expects, and whether reference, onnxruntime and the engine give it. What either
of the two refuses to run is no disagreement. `docs/onnx.md` has the lines with who is right and why; the test beside
this file compares the two.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from cases import by_engine, category, collected, differs, held, outcome

LETTERS = {None: "as expected", "": "refuses"}


def by_reference(path: Path, feeds: dict[str, Any]) -> dict[str, Any]:
    """onnx.reference's results."""
    from onnx.reference import ReferenceEvaluator

    model = onnx.load(path)
    names = [one.name for one in model.graph.output]
    given = {
        name: onnx.numpy_helper.to_array(a) if isinstance(a, onnx.TensorProto) else a
        for name, a in feeds.items()
    }
    return dict(zip(names, ReferenceEvaluator(model).run(None, given), strict=True))


def by_onnxruntime(path: Path, feeds: dict[str, Any]) -> dict[str, Any]:
    """onnxruntime's results."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 4, 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_outputs()]
    given = {}
    for name, a in feeds.items():
        a = onnx.numpy_helper.to_array(a) if isinstance(a, onnx.TensorProto) else np.asarray(a)
        kind = next(one.type for one in session.get_inputs() if one.name == name)
        if a.dtype.kind == "V" or "bfloat" in a.dtype.name or "float8" in a.dtype.name:
            raise NotImplementedError(f"no way to hand over {kind}")
        given[name] = a
    return dict(zip(names, session.run(names, given), strict=True))


def said(case: Any, run: Any) -> str | None:
    """None as expected, "" refused, else what differs."""
    try:
        return outcome(case, run)
    except Exception:
        return ""


def disagreement(case: Any) -> tuple[str | None, str | None, str | None] | None:
    """What reference, onnxruntime and engine make of a case; None unless the first two disagree."""
    results: dict[str, dict[str, Any]] = {}

    def kept(name: str, run: Any) -> Any:
        def keeping(path: Path, feeds: dict[str, Any]) -> dict[str, Any]:
            results[name] = run(path, feeds)
            return results[name]

        return keeping

    reference, runtime = (
        said(case, kept("reference", by_reference)),
        said(case, kept("runtime", by_onnxruntime)),
    )
    if len(results) < 2:
        return None
    same = all(
        differs(np.asarray(held(b)), np.asarray(held(results["reference"][name])), case.rtol, case.atol)
        is None
        for name, b in results["runtime"].items()
    )
    return None if same else (reference, runtime, said(case, by_engine))


def main(pattern: str = "") -> None:
    """Print the table."""
    warnings.simplefilter("ignore")
    count = 0
    for case in collected():
        if category(case) is None and pattern in case.name and (found := disagreement(case)) is not None:
            count += 1
            row = [LETTERS.get(one, one) for one in found]
            print(f"| {case.name} | {' | '.join(map(str, row))} |", flush=True)
    print(f"{count} cases")


if __name__ == "__main__":
    main(*sys.argv[1:])
