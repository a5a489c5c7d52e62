"""Both networks as PyTorch, ONNX and ML Programs have them, against the engine: on strokes as they were recorded."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import modelparity as mp
from modelparity.graph import Graph
from modelparity_families.sousa.networks import Sizes, graph_of, seeded

torch = pytest.importorskip("torch")
modules = pytest.importorskip("modelparity_families.sousa.networks.modules")
Load = Callable[..., Any]
FORMS = [("onset", True), ("inference", True), ("inference", False)]
#: Takes long to make: `make test-whole` tries it.
whole = pytest.mark.skipif(not os.environ.get("MODELPARITY_WHOLE"), reason="MODELPARITY_WHOLE=1 tries it")
forms = pytest.mark.parametrize(("name", "final_norm"), FORMS)


@pytest.fixture
def network(recorded: Load, weights: Load) -> Load:
    """``network("onset", True, "real")``: sizes, trained weights, the graph, and a recorded case as its inputs."""

    def load(name: str, final_norm: bool, case: str) -> tuple[Sizes, Any, Graph, dict[str, Any]]:
        own = weights("trained", name, final_norm=final_norm)
        sizes = Sizes.of(own)
        graph = graph_of(sizes, own)
        models = recorded("models")
        given = (models[f"{name}/{case}/input"], models[f"{name}/{case}/mask"])
        return sizes, own, graph, dict(zip((one.name for one in graph.inputs), given, strict=True))

    return load


def small(name: str, final_norm: bool) -> tuple[Sizes, Any, Graph, dict[str, Any]]:
    """One layer of each kind, with weights of a seed; five strokes, padding amid them, and a row of padding alone."""
    network = {"onset": "onset_transformer", "inference": "feature_inference"}[name]
    inputs, outputs = (12, 40) if name == "onset" else (3, 12)
    sizes = Sizes(network, inputs, outputs, layers=1, strokes=16, final_norm=final_norm)
    own = seeded(sizes, 3)
    x = np.random.default_rng(0).normal(size=(2, 5, inputs)).astype(np.float32)
    mask = np.array([[1, 0, 1, 1, 0], [0, 0, 0, 0, 0]], np.float32)
    graph = graph_of(sizes, own)
    return sizes, own, graph, dict(zip((one.name for one in graph.inputs), (x, mask), strict=True))


def agrees(graph: Graph, candidate: object, given: dict[str, Any], **more: Any) -> None:
    verdict = mp.check(graph, candidate, inputs=given, explain=False, **more)
    assert verdict.band in ("exact", "rounding"), verdict


@pytest.mark.parametrize("case", ["real", "holes17", "empty_row17"])
@pytest.mark.parametrize("fused", [True, False])
@forms
def test_pytorch_on_both_of_its_paths(
    name: str, final_norm: bool, fused: bool, case: str, network: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The layer as one operation that leaves padding out, and operation by operation."""
    sizes, own, graph, given = network(name, final_norm, case)
    layer, taken = torch._transformer_encoder_layer_fwd, []

    def counted(*args: Any) -> Any:
        taken.append(1)
        return layer(*args)

    monkeypatch.setattr(torch, "_transformer_encoder_layer_fwd", counted)
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(fused)
    try:
        agrees(graph, modules.module_of(sizes, own), given)
    finally:
        torch.backends.mha.set_fastpath_enabled(before)
    assert bool(taken) is fused


def exported(module: Any, given: dict[str, Any], path: Path, *, dynamo: bool) -> Path:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            tuple(torch.tensor(one) for one in given.values()),
            path,
            dynamo=dynamo,
            input_names=list(given),
            output_names=list(module.output_names),
            **({"verbose": False} if dynamo else {}),
        )
    return path


@pytest.mark.parametrize(
    ("name", "dynamo"),
    [("onset", False), ("inference", False), ("onset", True), pytest.param("inference", True, marks=whole)],
)
def test_onnx_by_both_exporters_with_a_row_of_padding_alone(name: str, dynamo: bool, tmp_path: Path) -> None:
    sizes, own, graph, given = small(name, True)
    path = exported(modules.module_of(sizes, own), given, tmp_path / "one.onnx", dynamo=dynamo)
    agrees(graph, path, given)
    empty = {**given, "attention_mask": 0 * given["attention_mask"]}
    verdict = mp.check(graph, path, inputs=empty, explain=False)
    assert verdict.band == "unjudged", (
        verdict
    )  # every row is the same constant: it tells nothing of the network
    assert verdict.floors <= 1


@forms
def test_onnx_of_the_trained_networks(name: str, final_norm: bool, network: Load, tmp_path: Path) -> None:
    sizes, own, graph, given = network(name, final_norm, "empty_row17")
    agrees(graph, exported(modules.module_of(sizes, own), given, tmp_path / "a.onnx", dynamo=False), given)
    agrees(graph, mp.convert(graph, tmp_path / "b.onnx"), network(name, final_norm, "real")[-1])


class AsItWas(modules.OnsetTransformer):
    """As the original has it: keys that are padding are shut, also where all of them are."""

    def encoded(self, x: Any, mask: Any) -> Any:
        h = self.input_proj(x) + self.pos_embedding(torch.arange(x.shape[1]))
        return self.encoder(h, src_key_padding_mask=mask == 0)


def test_a_row_of_padding_that_becomes_nan_is_found(tmp_path: Path) -> None:
    sizes, own, graph, given = small("onset", True)
    module = AsItWas(sizes).eval()
    module.load_state_dict({key: torch.tensor(one) for key, one in own.items()})
    path = exported(module, given, tmp_path / "one.onnx", dynamo=False)
    verdict = mp.check(graph, path, inputs=given, explain=False)
    assert verdict.band == "wrong"
    assert "40 of 80 elements: the value is NaN" in str(verdict)
    one = {key: array[:1] for key, array in given.items()}
    agrees(graph, exported(module, one, tmp_path / "real.onnx", dynamo=False), one)


@pytest.mark.parametrize("case", ["real", "empty_row17"])
@forms
def test_ml_programs_in_float32(
    name: str, final_norm: bool, case: str, network: Load, tmp_path: Path
) -> None:
    pytest.importorskip("coremltools")
    _, _, graph, given = network(name, final_norm, case)
    agrees(graph, mp.convert(graph, tmp_path / "one.mlpackage"), given)


def test_an_ml_program_in_float16_that_holds_every_number_is_reduced(network: Load, tmp_path: Path) -> None:
    pytest.importorskip("coremltools")
    for name, final_norm in FORMS:
        _, _, graph, given = network(name, final_norm, "holes17")
        path = mp.convert(graph, tmp_path / f"{name}{final_norm}.mlpackage", precision="float16")
        verdict = mp.check(graph, path, inputs=given, expect="reduced", explain=False)
        assert verdict.band == "reduced", verdict
        assert verdict.explained_by == "float16 arithmetic"


def test_what_float16_does_not_hold_is_placed_in_the_attention_of_layer_0(
    network: Load, tmp_path: Path
) -> None:
    """Milliseconds and beats a minute as they are: products of queries and keys before they are scaled."""
    pytest.importorskip("coremltools")
    _, _, graph, given = network("inference", True, "real")
    path = mp.convert(graph, tmp_path / "one.mlpackage", precision="float16")
    verdict = mp.check(graph, path, inputs=given, expect="reduced")
    assert verdict.band == "wrong"
    assert "is NaN, but should not be" in str(verdict)
    located, (cause,) = verdict.located, verdict.causes
    assert located is not None
    assert located.reference == "layer0/products"
    assert located.reference_origin == "encoder.layers.0"
    assert located.candidate == "layer0_products"
    assert 'matmul "layer0_products"' in located.origin
    assert cause.fault == "float16-overflow"
    assert cause.nodes == ("layer0/products", "layer0/scores")
    ranges = mp.float16_ranges(graph, given)
    assert ranges.over is not None
    assert (ranges.over.node, ranges.over.op, ranges.over.origin) == (
        "layer0/products",
        "matmul",
        "encoder.layers.0",
    )
    assert {one.origin for one in ranges.keep} == {"encoder.layers.0"}


def test_the_suite_has_every_candidate(pytester: pytest.Pytester) -> None:
    """As a user runs it: no test file, one option."""
    pytest.importorskip("onnxruntime")
    pytest.importorskip("coremltools")
    options = ("--parity-family=sousa", "--parity-recipe=one_frame", "--parity-report=out")
    assert pytester.runpytest("-p", "no:cacheprovider", *options).ret == 0
    report = json.loads((Path(pytester.path) / "out" / "report.json").read_text())
    cases = {(case["model"], case["backend"]): case for case in report["cases"]}
    for model in ("onset_transformer", "feature_inference", "feature_inference/first"):
        for backend in ("torch", "onnxruntime", "coreml"):
            case = cases[f"sousa/{model}", backend]
            assert (case["outcome"], case["verdict"]["band"]) == ("passed", "rounding")
    assert sum("not trained" in note for note in report["notes"]) == 3
