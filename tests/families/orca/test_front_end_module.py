"""The front end as a PyTorch module and as files of it, alone and as one with the network, judged like any candidate.

`make test` tries small frames and a small network, `make orca` those of the detector.
"""

from __future__ import annotations

import os
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import modelparity as mp
from modelparity.graph import Graph, joined
from modelparity_families.orca import frontend
from modelparity_families.orca.graph import graph_of
from modelparity_families.orca.layers import Layers
from modelparity_families.orca.weights import seeded

torch = pytest.importorskip("torch")
ANCHORS = Path(__file__).parents[2] / "anchors" / "orca"
SEED = 7
#: Sizes of frames and images, and samples in a window.
FEW, ALL = {"n_fft": 256, "hop": 128, "width": 40}, {"n_fft": 2560, "hop": 256, "width": 312}
SAMPLES = {256: 2000, 2560: 40_000}
whole = pytest.mark.skipif(not os.environ.get("MODELPARITY_WHOLE"), reason="MODELPARITY_WHOLE=1 tries it")
SIZES = [pytest.param(FEW, id="few"), pytest.param(ALL, id="all", marks=whole)]
FORMS = ("torch", "onnx", pytest.param("onnx-dynamo", marks=whole), "mlpackage", "mlmodel")


@cache
def reference(n_fft: int, hop: int, width: int, transform: str) -> Graph:
    """windows -> image, as the pipeline has it."""
    power = frontend.mel_power(n_fft=n_fft, hop_length=hop, transform=transform)
    image = frontend.image(hop_length=hop, image_s=width * hop / 20_000)
    return joined((power, frontend.decibels(), image), name="front_end", outputs=("image",))


@cache
def windows(samples: int) -> np.ndarray:
    """Three windows of a recording, the last of them silent in part."""
    with np.load(ANCHORS / "frontend_mono_20k_4s3.npz", allow_pickle=False) as found:
        pcm = found["pcm"][:, 0]
    cut = np.stack([pcm[start : start + samples] for start in (0, 20_000, 40_000)])
    return (cut / 32_768).astype(np.float32)


def form_of(form: str, module: Any, samples: int, output: str, place: Path) -> Any:
    """A module that takes windows, in one form: itself, or the path of a file."""
    if form == "torch":
        return module
    for package in ("onnxruntime", "onnxscript"):
        pytest.importorskip(package)
    path, dynamo = place / "exported.onnx", form.endswith("dynamo")
    free: dict[str, Any] = {"dynamic_axes": {name: {0: "window"} for name in ("windows", output)}}
    if dynamo:
        free = {"dynamic_shapes": ({0: torch.export.Dim("window")},)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names = {"input_names": ["windows"], "output_names": [output]}
        torch.onnx.export(module, (torch.zeros(2, samples),), path, dynamo=dynamo, **names, **free)
    if form.startswith("onnx"):
        return path
    pytest.importorskip("coremltools")
    return mp.convert(mp.load(path), place / f"exported.{form}")


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_front_end(form: str, sizes: dict[str, int], tmp_path: Path) -> None:
    from modelparity_families.orca.front_end_module import FrontEnd

    samples = SAMPLES[sizes["n_fft"]]
    candidate = form_of(form, FrontEnd(**sizes, transform="product"), samples, "image", tmp_path)
    graph = reference(**sizes, transform="product")
    verdict = mp.check(graph, candidate, inputs={"windows": windows(samples)}, explain=False)
    assert verdict.band in ("exact", "rounding"), verdict


def test_by_an_fft() -> None:
    from modelparity_families.orca.front_end_module import FrontEnd

    graph, given = reference(**FEW, transform="fft"), {"windows": windows(SAMPLES[256])}
    verdict = mp.check(graph, FrontEnd(**FEW), inputs=given, explain=False)
    assert verdict.band in ("exact", "rounding"), verdict
    louder = mp.check(graph, FrontEnd(**FEW, top_db=80.0), inputs=given, explain=False)
    assert louder.band == "wrong"


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_front_end_and_network_in_one(
    form: str, sizes: dict[str, int], small: Layers, tmp_path: Path
) -> None:
    from modelparity_families.orca.front_end_module import Chain, FrontEnd
    from modelparity_families.orca.network import module_of

    layers, samples = small if sizes is FEW else Layers(), SAMPLES[sizes["n_fft"]]
    weights = seeded(layers, SEED)
    chain = Chain(FrontEnd(**sizes, transform="product"), module_of(layers, weights)).eval()
    network = graph_of(layers, weights, frames=sizes["width"])
    graph = joined((reference(**sizes, transform="product"), network), name="chain", outputs=("logits",))
    candidate = form_of(form, chain, samples, "logits", tmp_path)
    verdict = mp.check(graph, candidate, inputs={"windows": windows(samples)[:2]}, explain=False)
    assert verdict.band in ("exact", "rounding"), verdict


@whole
def test_one_file_in_the_place_of_two_stages(tmp_path: Path) -> None:
    import onnxruntime

    from modelparity_families.orca.front_end_module import Chain, FrontEnd
    from modelparity_families.orca.network import module_of

    module = Chain(FrontEnd(transform="product"), module_of(Layers(), seeded(Layers()))).eval()
    path = form_of("onnx", module, 40_000, "logits", tmp_path)
    with np.load(ANCHORS / "frontend_mono_20k_4s3.npz", allow_pickle=False) as found:
        given = {"audio": found["pcm"], "rate": 20_000}
    pipeline = mp.pipeline("orca/detector", transform="product")
    cut = pipeline.run(**given, until="windows")["windows"].astype(np.float32)
    (theirs,) = onnxruntime.InferenceSession(path).run(None, {"windows": cut})
    assert pipeline.check(**given, logits=theirs, until="logits", explain=False)["logits"].ok
    wrong = module_of(Layers(), seeded(Layers()))
    wrong.model.bn1.running_mean.zero_()
    with torch.inference_mode():
        off = Chain(FrontEnd(transform="product"), wrong.eval())(torch.from_numpy(cut)).numpy()
    assert pipeline.check(**given, logits=off, until="logits", explain=False)["logits"].failed


def test_the_module_is_the_port() -> None:
    from modelparity_families.orca.front_end_module import FrontEnd

    with np.load(ANCHORS / "frontend_mono_20k_4s3.npz", allow_pickle=False) as found:
        pcm, wanted = found["pcm"], found["port_file/model_input_every4"]
    windows = mp.pipeline("orca/detector").run(audio=pcm, rate=20_000, until="windows")["windows"]
    with torch.inference_mode():
        got = FrontEnd()(torch.from_numpy(windows)).numpy()
    assert got.shape == (3, 1, 256, 312)
    assert np.abs(got[:, 0, :, ::4] - wanted).max() <= 6e-3
