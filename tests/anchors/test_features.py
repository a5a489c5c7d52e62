"""Networks on real features: ensembles, key and chords against the activations that madmom's processors gave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from modelparity import run, run_many
from modelparity.graph import Graph
from modelparity.verdict.floor import measure
from modelparity_families.madmom import FAMILY

pytestmark = pytest.mark.models

#: Processor -> ensemble.
ENSEMBLES = {
    "beats_blstm": "beats/2015/beats_blstm",
    "beats_lstm_online": "beats/2016/beats_lstm",
    "downbeats_blstm": "downbeats/2016/downbeats_blstm",
    "onsets_brnn": "onsets/2013/onsets_brnn",
    "onsets_rnn_online": "onsets/2013/onsets_rnn",
}
SINGLE = {
    "onsets_cnn": "onsets/2013/onsets_cnn",
    "notes_brnn": "notes/2013/notes_brnn",
    "chroma_dnn": "chroma/2016/chroma_dnn",
}
CLIPS = ("a4_tone", "clicks_120bpm")
Recorded = Callable[[str], dict[str, Any]]
Network = Callable[[str], Graph]


@pytest.mark.parametrize("clip", CLIPS)
@pytest.mark.parametrize("processor", ENSEMBLES)
def test_mean_of_an_ensemble(clip: str, processor: str, network: Network, recorded: Recorded) -> None:
    arrays = recorded(clip)
    x, wanted = arrays[f"{processor}/features"], arrays[f"{processor}/activations"]
    graphs = [network(key) for key in FAMILY.ensembles()[ENSEMBLES[processor]]]
    mean = np.mean([y["y"] for y in run_many(graphs, [x] * len(graphs))], axis=0)
    floor = np.mean([measure(graph, {"x": x}).outputs["y"] for graph in graphs], axis=0)
    if processor == "downbeats_blstm":  # madmom drops the class "no beat"
        mean, floor = mean[:, 1:], floor[:, 1:]
    close(mean, wanted, floor)


@pytest.mark.parametrize(
    ("clip", "processor"),
    [*((clip, processor) for clip in CLIPS for processor in SINGLE), ("chords_I_IV_V_I", "chroma_dnn")],
)
def test_single_network(clip: str, processor: str, network: Network, recorded: Recorded) -> None:
    arrays = recorded(clip)
    x, graph = arrays[f"{processor}/features"], network(SINGLE[processor])
    close(run(graph, x)["y"], arrays[f"{processor}/activations"], measure(graph, {"x": x}).outputs["y"])


@pytest.mark.parametrize("clip", [*CLIPS, "chords_I_IV_V_I"])
def test_key(clip: str, network: Network, recorded: Recorded) -> None:
    arrays, graph = recorded(clip), network("key/2018/key_cnn")
    x = arrays["key_cnn/features"]
    y, floor = run(graph, x)["y"], measure(graph, {"x": x}).outputs["y"]
    shares = np.exp(y - y.max())
    # |d softmax| <= 2 max |d y|
    close(shares / shares.sum(), arrays["key_cnn/activations"][0], np.full(24, 2 * floor.max()))


@pytest.mark.parametrize("clip", [*CLIPS, "chords_I_IV_V_I"])
def test_chord_features(clip: str, network: Network, recorded: Recorded) -> None:
    arrays, graph = recorded(clip), network("chords/2016/chords_cnnfeat")
    x = arrays["chords_cnnfeat/features"]
    wanted = arrays["chords_cnnfeat/activations"]
    close(pooled(run(graph, x)["y"]), wanted, pooled(measure(graph, {"x": x}).outputs["y"]))


def pooled(y: Any) -> Any:
    """The mean over blocks of three frames, hop 1, and over frequency (madmom's superframes)."""
    return np.stack([y[t : t + 3].mean(axis=(0, 1)) for t in range(len(y) - 2)])


def close(got: Any, wanted: Any, floor: Any) -> None:
    from modelparity.verdict.bands import LIMIT

    assert got.shape == wanted.shape
    # averaging in float32 rounds once more
    allowed = LIMIT * floor + np.spacing(np.abs(wanted).astype(np.float32))
    worst = float(np.max(np.abs(got - wanted) / allowed))
    assert worst <= 1, f"{worst:.3g} times what rounding explains"
