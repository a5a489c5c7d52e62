"""PyTorch modules converted by coremltools itself, compared with the modules: what most people do, from end to end.

Nobody here wrote these files: what reads PyTorch and what reads Core ML meet in them, without a runtime between.
"""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import Any

import pytest

import modelparity as mp

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'modelparity[torch]'")
pytest.importorskip("coremltools", reason="coremltools is not installed: pip install 'modelparity[coreml]'")
nn = torch.nn


class Recurrent(nn.Module):
    """Convolution over time, a bidirectional GRU, an LSTM of two layers."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv1d(12, 16, 5, padding=2), nn.BatchNorm1d(16)
        self.gru = nn.GRU(16, 10, batch_first=True, bidirectional=True)
        self.lstm = nn.LSTM(20, 9, num_layers=2, batch_first=True)
        self.out = nn.Linear(9, 3)

    def forward(self, audio: Any) -> Any:
        h = torch.relu(self.norm(self.conv(audio.transpose(1, 2)))).transpose(1, 2)
        return torch.sigmoid(self.out(self.lstm(self.gru(h)[0])[0]))


class Convolutional(nn.Module):
    """A residual block with a depthwise convolution, strided and pooled."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.norm = nn.Conv2d(1, 8, 7, stride=2, padding=3), nn.BatchNorm2d(8)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.depth, self.point = nn.Conv2d(8, 8, 3, padding=1, groups=8), nn.Conv2d(8, 8, 1)
        self.out = nn.Linear(8, 4)

    def forward(self, picture: Any) -> Any:
        h = self.pool(torch.nn.functional.gelu(self.norm(self.stem(picture))))
        h = torch.relu(h + self.point(self.depth(h)))
        return torch.log_softmax(self.out(h.mean((2, 3))), dim=-1)


class Attentive(nn.Module):
    """Self-attention before and after norms, a gated feed-forward layer, and attention pooling."""

    def __init__(self) -> None:
        super().__init__()
        self.positions = nn.Parameter(torch.randn(1, 20, 16) * 0.1)
        self.before, self.after = nn.LayerNorm(16), nn.LayerNorm(16)
        self.packed, self.joined = nn.Linear(16, 48), nn.Linear(16, 16)
        self.up, self.down = nn.Linear(16, 64), nn.Linear(32, 16)
        self.weigh, self.out = nn.Linear(16, 1), nn.Linear(16, 5)

    def forward(self, tokens: Any) -> Any:
        h = tokens + self.positions
        parts = self.packed(self.before(h)).reshape(2, 20, 3, 4, 4).permute(2, 0, 3, 1, 4)
        mixed = torch.nn.functional.scaled_dot_product_attention(parts[0], parts[1], parts[2])
        h = h + self.joined(mixed.permute(0, 2, 1, 3).reshape(2, 20, 16))
        h = self.after(h + self.down(torch.nn.functional.glu(self.up(h))))
        return self.out((torch.softmax(self.weigh(h), 1) * h).sum(1))


CASES = {
    "recurrent": (Recurrent, (1, 40, 12)),
    "convolutional": (Convolutional, (1, 1, 48, 40)),
    "attentive": (Attentive, (2, 20, 16)),
}


@pytest.fixture(scope="module", params=CASES)
def module(request):
    """A module with weights of its own, an example input, and its graph as read from PyTorch."""
    kind, shape = CASES[request.param]
    with torch.random.fork_rng():
        torch.manual_seed(3)
        made, example = kind().eval(), torch.randn(shape)
        for one in made.modules():
            if hasattr(one, "running_var"):
                one.running_mean.normal_()
                one.running_var.uniform_(0.5, 2)
    return made, example, mp.load(made, example=(example,))


def converted(module: Any, example: Any, path: Path, **settings: Any) -> Path:
    """What coremltools makes of it."""
    import coremltools as ct

    logging.getLogger("coremltools").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        traced = torch.jit.trace(module, example)
        made = ct.convert(traced, inputs=[ct.TensorType("input", shape=tuple(example.shape))], **settings)
        made.save(str(path))
    return path


@pytest.mark.parametrize("target", ["iOS15", "iOS18"])
def test_float32_programs_are_rounding(module, target, tmp_path):
    import coremltools as ct

    made, example, graph = module
    path = converted(
        made,
        example,
        tmp_path / "net.mlpackage",
        compute_precision=ct.precision.FLOAT32,
        minimum_deployment_target=getattr(ct.target, target),
    )
    assert mp.check(graph, path).ok
    assert mp.check(path, made).ok


def test_float16_programs_are_reduced(module, tmp_path):
    import coremltools as ct

    made, example, graph = module
    path = converted(
        made,
        example,
        tmp_path / "net.mlpackage",
        compute_precision=ct.precision.FLOAT16,
        minimum_deployment_target=ct.target.iOS16,
    )
    verdict = mp.check(graph, path, expect="reduced")
    assert verdict.band == "reduced", str(verdict)
    unasked = mp.check(graph, path)  # its outputs are float16, which nobody asked for here
    assert (unasked.band, unasked.ok) == ("reduced", False)


def test_networks_of_layers_are_rounding(module, tmp_path):
    made, example, graph = module
    path = converted(made, example, tmp_path / "net.mlmodel", convert_to="neuralnetwork")
    verdict = mp.check(graph, path)
    assert verdict.ok, str(verdict)


def test_a_conversion_of_other_weights_is_wrong(module, tmp_path):
    import coremltools as ct

    made, example, graph = module
    with torch.no_grad():
        made.out.bias[0] += 1e-3
    try:
        path = converted(made, example, tmp_path / "net.mlpackage", compute_precision=ct.precision.FLOAT32)
    finally:
        with torch.no_grad():
            made.out.bias[0] -= 1e-3
    assert mp.check(graph, path).band == "wrong"
