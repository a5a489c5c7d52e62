"""What others would say of faulty files and of sound ones, beside what `check` says of the same files.

Faulty are the files of `tests.foreign` and mistakes of the catalogue made in networks of ``fixtures``; sound are the
audit's variations of those networks. Each file is judged by

- ``allclose``: `numpy.allclose` of the outputs with rtol and atol of 1e-4;
- ``assert_close``: the tolerances of `torch.testing.assert_close` for float32 (1.3e-6, 1e-5), which PyTorch's own
  verification of exported ONNX files takes too;
- ``polygraphy``: Polygraphy's defaults (1e-5, 1e-5) on all tensors that both have under one name, as with every node
  marked as an output. It *places* a mistake where the first of them that differs is computed at the right node;
- ``check``: this package, without explaining.

Outputs are taken in their order, and so are inputs: none of the others finds how they correspond. An error is a
difference. Those of the reference are computed by this package's engine in float32, those of the candidate by what
runs its format, and the candidate's inner tensors by the engine.

Run it with ``python -m benchmarks.peers [--most N] [--seed N]``: so many files of each part, a fair sample.
``--polygraphy PYTHON`` names an interpreter that has Polygraphy (0.53 was tried) and onnxruntime: of ONNX files its
own comparator is then asked too, with the reference as an ONNX file that this package writes, all tensors marked.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from tests.foreign.mistake import every, quiet

import modelparity as mp
from modelparity.audit.planning import plan
from modelparity.audit.trying import candidate, moves
from modelparity.errors import ModelparityError
from modelparity.inputs import make
from modelparity.runtimes.registry import runtime_for

#: Peer -> (rtol, atol).
TOLERANCES = {"allclose": (1e-4, 1e-4), "assert_close": (1.3e-6, 1e-5), "polygraphy": (1e-5, 1e-5)}
#: The column of Polygraphy's own answers.
REALLY = "polygraphy itself"
FIXTURES = Path(__file__).parents[1] / "fixtures"
TARGETS = (".onnx", ".mlpackage", ".mlmodel")


@dataclass(frozen=True)
class File:
    """A file of one ``part``; ``at`` tells whether a node of the reference is where the mistake is."""

    part: str
    id: str
    made: Callable[[Path], tuple[mp.Graph, Path]]
    at: Callable[[mp.Graph, str], bool] = lambda graph, name: False


def files(seed: int) -> Iterator[File]:
    """Every file of every part."""
    for one in every():
        yield File("made without the catalogue", one.id, one.make, one.is_at)
    for path in sorted(FIXTURES.glob("**/*")):
        if path.suffix not in (".pkl", ".json"):
            continue
        try:
            graph = mp.load(path)
        except ModelparityError:
            continue
        for trial in plan(path.stem, graph, TARGETS, singles=1, sound=True, seed=seed):
            part = "sound variations" if trial.kind == "sound" else "mistakes of the catalogue"

            def made(folder: Path, trial=trial, graph=graph) -> tuple[mp.Graph, Path]:
                written = candidate(trial, graph)
                if trial.kind != "sound" and not moves(graph, written, make(graph, "noise", seed=trial.seed)):
                    raise mp.errors.ConversionError("it moves nothing")
                return graph, mp.convert(written, folder / f"candidate{trial.target}")

            def there(graph: mp.Graph, name: str, trial=trial) -> bool:
                return any(f"@{name}" in key for key in trial.makes)

            yield File(part, trial.id, made, there)


def said(file: File, reference: mp.Graph, path: Path, seed: int) -> dict[str, bool]:
    """{peer, or peer and "placed": whether it says that something differs}"""
    feeds = make(reference, "noise", seed=seed)
    want = mp.run(reference, feeds, arithmetic="float32", taps=True)
    with quiet():
        found = {"check": not mp.check(reference, path, recipe="noise", seed=seed, explain=False).ok}
    try:
        graph = mp.load(path)
        given = {spec.name: array for spec, array in zip(graph.inputs, feeds.values(), strict=True)}
        got = list(runtime_for(path).run(path, given).values())
    except (ModelparityError, ValueError):
        return found | dict.fromkeys(TOLERANCES, True) | {"polygraphy placed": False}
    for name, (rtol, atol) in TOLERANCES.items():
        pairs = zip(got, (want[output] for output in reference.outputs), strict=False)
        found[name] = len(got) != len(reference.outputs) or not all(same(*pair, rtol, atol) for pair in pairs)
    try:
        taps = mp.run(graph, given, arithmetic="float32", taps=True)
    except ModelparityError:
        taps = {}
    first = next(
        (name for name in marked(graph, reference) if not same(taps[name], want[name], 1e-5, 1e-5)), None
    )
    found["polygraphy"] |= first is not None
    makers = {name: node.name for node in reference.nodes for name in node.outputs}
    found["polygraphy placed"] = first is not None and file.at(reference, makers[first])
    return found


def marked(graph: mp.Graph, reference: mp.Graph) -> Iterator[str]:
    """Tensors that both compute under one name, in the candidate's order."""
    known = {name for node in reference.nodes for name in node.outputs if name}
    yield from (name for node in graph.nodes for name in node.outputs if name in known)


def same(got: np.ndarray, want: np.ndarray, rtol: float, atol: float) -> bool:
    """As `numpy.allclose`, and of one shape."""
    return got.shape == want.shape and bool(np.allclose(got, want, rtol=rtol, atol=atol, equal_nan=True))


@dataclass(frozen=True)
class Pair:
    """An ONNX file for Polygraphy's own comparator: both files, the inputs, and what is to be said of it."""

    files: tuple[str, str, str]
    file: File
    reference: mp.Graph
    result: dict[str, bool]


def pair(
    file: File, reference: mp.Graph, path: Path, folder: Path, seed: int, result: dict[str, bool]
) -> Pair | None:
    """What Polygraphy is asked; None for what is no ONNX file, or has a reference that cannot be written as one."""
    if path.suffix != ".onnx":
        return None
    try:
        own = mp.convert(reference, folder / "reference.onnx")
    except ModelparityError:
        return None
    feeds = make(reference, "noise", seed=seed)
    np.savez(folder / "inputs.npz", **feeds)
    return Pair((str(own), str(path), str(folder / "inputs.npz")), file, reference, result)


def really(python: str, pairs: Sequence[Pair]) -> None:
    """Ask Polygraphy itself, and put its answers into the results."""
    script = Path(__file__).with_name("polygraphy_says.py")
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder) / "pairs.json"
        asked.write_text(json.dumps([one.files for one in pairs]), encoding="utf-8")
        own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run([python, str(script), str(asked)], stdout=subprocess.PIPE, check=True, env=own)
    for one, line in zip(pairs, done.stdout.decode().splitlines(), strict=True):
        said = json.loads(line)
        makers = {name: node.name for node in one.reference.nodes for name in node.outputs}
        placed = said["first"] in makers and one.file.at(one.reference, makers[said["first"]])
        one.result.update({REALLY: said["differs"], f"{REALLY} placed": placed})


def table(found: Mapping[str, list[dict[str, bool]]]) -> str:
    """Shares of files that each peer says differ, part by part."""
    names = ["check", *TOLERANCES, "polygraphy placed"]
    if any(REALLY in one for results in found.values() for one in results):
        names += [REALLY, f"{REALLY} placed"]
    lines = ["| files | judged | " + " | ".join(names) + " |", "|---|---|" + "---|" * len(names)]

    def share(name: str, results: Sequence[Mapping[str, bool]]) -> str:
        asked = [one[name] for one in results if name in one]
        of = "" if len(asked) == len(results) else f" of {len(asked)}"
        return f"{100 * np.mean(asked):.1f} %{of}" if asked else ""

    for part, results in found.items():
        shares = (share(name, results) for name in names)
        lines.append(f"| {part} | {len(results)} | " + " | ".join(shares) + " |")
    return "\n".join(lines)


def main() -> None:
    """Judge the files, and print the table after each ten."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--most", type=int, default=60, metavar="N", help="files of each part")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--polygraphy", metavar="PYTHON", help="ask Polygraphy itself, by this interpreter")
    parser.add_argument("--json", type=Path, metavar="FILE.jsonl", help="a line for each file")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found, pairs = judged(args, Path(folder))
        if args.polygraphy is not None:
            really(args.polygraphy, pairs)
    print(table(found))


def judged(args: argparse.Namespace, root: Path) -> tuple[dict[str, list[dict[str, bool]]], list[Pair]]:
    """What is said of each file of each part, and what Polygraphy itself can be asked of."""
    parts: dict[str, list[File]] = defaultdict(list)
    for one in files(args.seed):
        parts[one.part].append(one)
    for some in parts.values():
        some.sort(key=lambda one: sha256(one.id.encode()).digest())
    found: dict[str, list[dict[str, bool]]] = defaultdict(list)
    pairs: list[Pair] = []
    turn = 0
    while any(len(found[part]) < args.most and parts[part] for part in parts):
        for part, some in parts.items():
            if len(found[part]) >= args.most or not some:
                continue
            one = some.pop(0)
            (folder := root / f"{turn}-{len(some)}").mkdir()
            try:
                reference, path = one.made(folder)
            except ModelparityError:  # the format has no form of it, or it moves nothing
                continue
            result = said(one, reference, path, args.seed)
            if args.polygraphy is not None:
                asked = pair(one, reference, path, folder, args.seed, result)
                pairs += [] if asked is None else [asked]
            found[part].append(result)
            if args.json is not None:
                with args.json.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"part": part, "id": one.id, **result}) + "\n")
            turn += 1
            if turn % 10 == 0:
                print(table(found), flush=True)
    return found, pairs


if __name__ == "__main__":
    main()
