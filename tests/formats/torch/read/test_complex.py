"""Complex numbers inside a module: transforms, products and what moves elements, against PyTorch in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import modelparity as mp
from modelparity.errors import ArtefactError
from modelparity.runtimes.torch import Torch

real, whole = torch.view_as_real, torch.view_as_complex
WINDOW = torch.hann_window(16, dtype=torch.float64)


def spectrum(x, **more):
    return torch.stft(x, 16, 4, window=WINDOW, return_complex=True, **more)


#: Functions of a signal (batch 2, time) and a field (3, 4, 5, 2), and whether time may be free.
FUNCTIONS = {
    "power of an STFT": (lambda x, f: spectrum(x).abs().square(), True),
    "STFT without a centre": (lambda x, f: real(spectrum(x, center=False, normalized=True)), True),
    "both sides of an STFT": (lambda x, f: real(spectrum(x, onesided=False)), True),
    "phase": (lambda x, f: spectrum(x).angle().cos(), True),
    "STFT there and back": (
        lambda x, f: torch.istft(spectrum(x) * 0.5, 16, 4, window=WINDOW, length=x.shape[1]),
        False,
    ),
    "filter by transform": (
        lambda x, f: torch.fft.irfft(torch.fft.rfft(x) * torch.fft.rfft(x.flip(1)).conj(), n=x.shape[1]),
        True,
    ),
    "norms": (
        lambda x, f: sum(
            torch.fft.irfft(torch.fft.rfft(x, norm=norm).abs().to(torch.complex128), n=64, norm=norm)
            for norm in ("forward", "backward", "ortho")
        ),
        False,
    ),
    "transforms of complex numbers": (
        lambda x, f: real(torch.fft.fft(whole(f)) + torch.fft.ifft(whole(f), dim=1, norm="ortho")),
        False,
    ),
    "two axes": (
        lambda x, f: (
            torch.fft.irfft2(torch.fft.rfft2(f[..., 0]))
            + torch.fft.fftshift(torch.fft.fft2(whole(f)).imag)[..., :4]
        ),
        False,
    ),
    "arithmetic": (
        lambda x, f: real(
            (whole(f) * 2j - 1.5) / (whole(f) + 3) + torch.sub(whole(f), whole(f).conj(), alpha=2)
        ),
        False,
    ),
    "mixed arithmetic": (
        lambda x, f: real(
            whole(f) * f[..., 0] + f[..., 1] / (whole(f) + 3) - whole(f) / f[..., 0] + f[..., 0]
        ),
        False,
    ),
    "made of parts": (
        lambda x, f: real(torch.complex(f[..., 0], f[:1, ..., 1]) * torch.polar(f[..., 0].abs(), f[..., 1])),
        False,
    ),
    "exponential": (
        lambda x, f: real(torch.exp(whole(f)) + whole(f).mean(1, keepdim=True) + whole(f).sum()),
        False,
    ),
    "moved": (
        lambda x, f: real(
            torch.cat(
                [whole(f).permute(2, 0, 1)[1:, ::2], -whole(f).permute(2, 0, 1)[:, [2, 0]]],
                0,
            )
            .reshape(9, 8)
            .unsqueeze(1)
            .expand(9, 2, 8)
            .flip(2)
        ),
        False,
    ),
    "in pieces": (lambda x, f: sum(real(one) for one in whole(f).split([1, 1, 2], dim=1)[:2]), False),
}


class All(torch.nn.Module):
    def __init__(self, free):
        super().__init__()
        self.own = [name for name, (_, may) in FUNCTIONS.items() if may == free]

    def forward(self, x, field):
        return {str(place): FUNCTIONS[name][0](x, field) for place, name in enumerate(self.own)}


def arrays(time=64):
    rng = np.random.default_rng(3)
    return {"x": rng.standard_normal((2, time)), "field": rng.standard_normal((3, 4, 5, 2))}


@pytest.fixture(scope="module", params=[False, True], ids=["fixed", "free"])
def net(request):
    module = All(request.param).eval()
    shapes = {"x": {1: "time"}, "field": None} if request.param else None
    return module, mp.load(module, example=arrays(), dynamic_shapes=shapes)


def test_results_are_pytorchs(net):
    module, graph = net
    for time in (64, 101) if graph.inputs[0].axes[1].size is None else (64,):
        feeds = arrays(time)
        got, want = mp.run(graph, feeds), Torch().run(module, feeds)
        assert set(got) == set(want)
        for name, expected in want.items():
            what = module.own[int(name)]
            assert got[name].shape == expected.shape, what
            np.testing.assert_allclose(got[name], expected, atol=1e-11 * np.abs(expected).max(), err_msg=what)


class Rotary(torch.nn.Module):
    """Positions as a buffer of complex numbers."""

    def __init__(self):
        super().__init__()
        angles = torch.outer(torch.arange(32.0), 100.0 ** -torch.linspace(0, 1, 4))
        self.register_buffer("turns", torch.polar(torch.ones_like(angles), angles))

    def forward(self, x):
        pairs = torch.view_as_complex(x.reshape(*x.shape[:-1], 4, 2))
        return torch.view_as_real(pairs * self.turns[: x.shape[1]]).flatten(2)


def test_complex_weights_are_read_as_their_parts():
    x = np.random.default_rng(0).standard_normal((2, 20, 8)).astype(np.float32)
    module = Rotary().eval()
    verdict = mp.check(module, module, inputs={"x": x})
    assert verdict.ok, verdict
    graph = mp.load(module, example=x)
    parts = sorted((a for a in graph.constants.values() if a.shape == (32, 4)), key=lambda a: a[0, 0])
    np.testing.assert_array_equal(parts[1] + 1j * parts[0], module.turns.numpy())
    assert not graph.unused


def test_a_program_in_a_file(tmp_path):
    module = Rotary().eval()
    torch.export.save(torch.export.export(module, (torch.zeros(1, 5, 8),)), tmp_path / "net.pt2")
    x = np.random.default_rng(0).standard_normal((1, 5, 8)).astype(np.float32)
    graph = mp.load(tmp_path / "net.pt2")
    np.testing.assert_allclose(mp.run(graph, x)["output"], Torch().run(module, {"x": x})["output"], atol=1e-6)


class Returned(torch.nn.Module):
    def forward(self, x):
        return torch.fft.fft(x)


def test_a_complex_result_says_what_to_do():
    with pytest.raises(ArtefactError, match=r"(?s)complex numbers where only real.*view_as_real"):
        mp.load(Returned(), example=np.zeros((1, 8), np.float32))


class Unread(torch.nn.Module):
    def forward(self, x):
        return torch.fft.fft(x).tanh().abs()


def test_what_is_not_read_on_complex_numbers_is_named():
    with pytest.raises(ArtefactError, match=r"aten\.tanh is not read on complex numbers"):
        mp.load(Unread(), example=np.zeros((1, 8), np.float32))
