"""No false alarm: what may legitimately differ between two float32 runs of a network is never called wrong.

Each test runs all 65 networks in one legitimate way: other thread counts, levels of graph optimisation, kernels of
the linear algebra library (another processor's order of summation), batches, blocks. Fifteen ways of 195 cases, and
two that suit some networks only: more than 3,100 variations with ``make test-whole``. `make test` runs each network
on one of the three recipes, in turn.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import modelparity as mp
from modelparity.engine.arithmetic import arithmetic
from modelparity.engine.program import Program
from modelparity.verdict.judging import judge
from modelparity.verdict.reference import Reference

from .conftest import EACH

pytestmark = [pytest.mark.models]

Cases = Callable[[], list[tuple[str, str, Reference]]]
Outputs = dict[str, Any]

#: Kernels of OpenBLAS for processors of different ages: each sums in an order of its own.
PROCESSORS = ("Prescott", "Nehalem", "Sandybridge", "Haswell", "SkylakeX")


def alarms(results: Iterable[tuple[str, str, Reference, Outputs]]) -> tuple[list[str], int]:
    """The cases that were judged worse than rounding, and how many cases there were."""
    found, count = [], 0
    for key, recipe, reference, outputs in results:
        verdict = judge(reference, outputs, candidate=key, runtime="variation")
        count += 1
        if not verdict.ok:
            found.append(f"{key} on {recipe}: {verdict.band}, {verdict.floors:.3g} floors at {verdict.where}")
    return found, count


def check_all(cases: Cases, run: Callable[[Reference], Outputs]) -> None:
    found, count = alarms((key, recipe, ref, run(ref)) for key, recipe, ref in cases())
    assert count == 65 * EACH
    assert not found, f"{len(found)} false alarms of {count}:\n" + "\n".join(found)


def test_float32_engine(cases: Cases) -> None:
    check_all(cases, lambda ref: mp.run(ref.graph, ref.feeds, arithmetic="float32"))


@pytest.mark.parametrize("size", [2, 5])
def test_batch_sizes(cases: Cases, size: int) -> None:
    """Inputs in a batch share one matrix product, whose kernels sum in another order than for a single one."""

    def run(ref: Reference) -> Outputs:
        program = Program([ref.graph], arithmetic("float32"))
        batch = {name: np.stack([a.astype(np.float32)] * size) for name, a in ref.feeds.items()}
        return {name: a[-1] for name, a in program(batch).items()}

    check_all(cases, run)


def test_order_of_input_features(cases: Cases) -> None:
    """Features in reverse, and the first weights with them: the same sums, the other way round."""
    found, count = alarms(
        (key, recipe, ref, outputs)
        for key, recipe, ref in cases()
        if (outputs := _reversed_features(ref)) is not None
    )
    assert count == 62 * EACH  # all but the three convolutional networks
    assert not found, "\n".join(found)


def _reversed_features(ref: Reference) -> Outputs | None:
    first = ref.graph.nodes[0]
    if first.op not in ("dense", "rnn", "lstm", "gru"):
        return None
    constants = dict(ref.graph.constants)
    constants[first.inputs[1]] = np.flip(constants[first.inputs[1]], axis=-2)
    graph = ref.graph.changed(constants=constants)
    return mp.run(graph, {name: a[:, ::-1] for name, a in ref.feeds.items()}, arithmetic="float32")


def test_blocks(cases: Cases) -> None:
    """Causal networks frame by frame and in uneven blocks."""

    def run(ref: Reference) -> Outputs:
        stream = mp.stream(ref.graph, arithmetic="float32")
        x = next(iter(ref.feeds.values()))
        cuts = np.cumsum([1, 7, 2, 30])
        parts = [stream.push(block) for block in np.split(x, cuts[cuts < len(x)])]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    causal = [case for case in cases() if "_rnn_" in case[0] or "beats_lstm" in case[0] or "dnn" in case[0]]
    found, count = alarms((key, recipe, ref, run(ref)) for key, recipe, ref in causal)
    assert count == 17 * EACH
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("threads", "optimise"), [(1, "none"), (1, "all"), (2, "basic"), (2, "all")])
def test_onnxruntime(cases: Cases, tmp_path: Path, threads: int, optimise: str) -> None:
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: pip install 'modelparity[onnx]'")
    from modelparity.runtimes.onnxruntime import OnnxRuntime

    runtime, files = OnnxRuntime(threads=threads, optimise=optimise), {}

    def run(ref: Reference) -> Outputs:
        if ref.graph.hash not in files:
            files[ref.graph.hash] = mp.convert(ref.graph, tmp_path / f"{ref.graph.hash}.onnx")
        return runtime.run(files[ref.graph.hash], ref.feeds)

    check_all(cases, run)


@pytest.mark.parametrize(("threads", "mkldnn"), [(1, True), (2, True), (2, False)])
def test_torch(cases: Cases, threads: int, mkldnn: bool) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'modelparity[torch]'")
    from modelparity.runtimes.torch import Torch

    runtime, modules = Torch(threads=threads), dict[str, Any]()

    def run(ref: Reference) -> Outputs:
        if ref.graph.hash not in modules:
            modules[ref.graph.hash] = mp.convert(ref.graph, format="torch")
        return runtime.run(modules[ref.graph.hash], ref.feeds)

    with torch.backends.mkldnn.flags(enabled=mkldnn):
        check_all(cases, run)


@pytest.mark.parametrize("processor", PROCESSORS)
def test_another_processor(cases: Cases, tmp_path: Path, processor: str) -> None:
    """The same engine on the kernels that OpenBLAS would choose on another processor."""
    everything = cases()
    for index, (_, _, ref) in enumerate(everything):
        np.savez(tmp_path / f"{index}.npz", **ref.feeds)
    env = {**os.environ, "OPENBLAS_CORETYPE": processor, "OPENBLAS_NUM_THREADS": "1"}
    names = [f"{key} {recipe}" for key, recipe, _ in everything]
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, str(tmp_path)],
        input="\n".join(names),
        env=env,
        text=True,
        capture_output=True,
        timeout=300,
        check=False,
    )
    if done.returncode < 0:
        pytest.skip(
            f"this processor cannot run OpenBLAS's kernels for {processor}: signal {-done.returncode}"
        )
    assert done.returncode == 0, done.stderr
    results = []
    for index, (key, recipe, ref) in enumerate(everything):
        with np.load(tmp_path / f"{index}-out.npz") as outputs:
            results.append((key, recipe, ref, dict(outputs)))
    found, count = alarms(results)
    assert count == 65 * EACH
    assert not found, "\n".join(found)


#: What the other process runs: every case named on its standard input, in float32.
ELSEWHERE = """
import sys
import numpy as np
import modelparity as mp

models = {model.key: model for model in mp.families()["madmom"].models()}
for index, line in enumerate(sys.stdin.read().splitlines()):
    with np.load(f"{sys.argv[1]}/{index}.npz") as feeds:
        y = mp.run(models[line.split()[0]].load(), dict(feeds), arithmetic="float32")
    np.savez(f"{sys.argv[1]}/{index}-out.npz", **y)
"""
