"""The front end behind the windows as a PyTorch module, to be exported and judged; and one with the network."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from modelparity.stages import one_of

from ..mel_filters import filters
from .frontend.spectrum import TRANSFORMS, waves


class FrontEnd(nn.Module):
    """windows (window, sample) at 20 kHz -> image (window, channel 1, mel 256, time 312) in dB, with the defaults.

    ``transform`` is "fft", or "product" for a convolution with cosines and sines, 26 MB of them: for exporters and
    engines that have no FFT of any size (PyTorch's older ONNX exporter, Core ML), or a coarse one (onnxruntime).
    Raises `InputError` for others.
    """

    output_names = ("image",)
    filters: Tensor
    taper: Tensor
    waves: Tensor

    def __init__(
        self,
        *,
        n_fft: int = 2560,
        hop: int = 256,
        width: int = 312,
        top_db: float = 100.0,
        transform: str = "fft",
    ) -> None:
        super().__init__()
        one_of("transform", transform, TRANSFORMS)
        self.n_fft, self.hop, self.width, self.top_db, self.transform = n_fft, hop, width, top_db, transform
        matrix = filters(n_fft // 2 + 1, 256, rate=16_000, low=0.0, high=10_000.0, scale="htk", norm="none")
        self.register_buffer("filters", torch.from_numpy(matrix), persistent=False)
        if transform == "fft":
            taper = torch.hann_window(n_fft, dtype=torch.float64).float()
            self.register_buffer("taper", taper, persistent=False)
        else:
            kernels = torch.from_numpy(waves(n_fft)).T.contiguous()
            self.register_buffer("waves", kernels[:, None, None], persistent=False)

    def forward(self, windows: Tensor) -> Tensor:
        """The image of each window: mirrored at its ends, 100 dB below its loudest cell at the least."""
        around = nn.functional.pad(windows[:, None], (self.n_fft // 2, self.n_fft // 2), mode="reflect")
        power = (self._transformed if self.transform == "fft" else self._convolved)(around) @ self.filters
        level = 10 * torch.log10(power.clamp(min=1e-10))
        level = torch.maximum(level, level.amax((1, 2), keepdim=True) - self.top_db)
        image = level.transpose(1, 2)[..., : self.width]
        return nn.functional.pad(image, (0, self.width - image.shape[-1]))[:, None]

    def _transformed(self, around: Tensor) -> Tensor:
        """Samples (window, 1, sample) -> power (window, frame, bin)."""
        frames = around[:, 0].unfold(-1, self.n_fft, self.hop) * self.taper
        power: Tensor = torch.fft.rfft(frames).abs() ** 2
        return power

    def _convolved(self, around: Tensor) -> Tensor:
        """The same without an FFT; two spatial axes, which layers of an .mlmodel ask for."""
        parts = nn.functional.conv2d(around[:, :, None], self.waves, stride=(1, self.hop)).squeeze(2)
        real, imaginary = parts.chunk(2, 1)
        power: Tensor = (real**2 + imaginary**2).transpose(1, 2)
        return power


class Chain(nn.Module):
    """Front end and network in one: windows (window, sample) -> logits (window, class)."""

    output_names = ("logits",)

    def __init__(self, front_end: FrontEnd, network: nn.Module) -> None:
        super().__init__()
        self.front_end, self.network = front_end, network

    def forward(self, windows: Tensor) -> Tensor:
        """The logits of each window."""
        return self.network(self.front_end(windows))  # type: ignore[no-any-return]
