"""The front end behind the windows as a PyTorch module, to be exported and judged like any candidate."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..mel_filters import filters


class FrontEnd(nn.Module):
    """windows (window, sample) at 20 kHz -> image (window, channel 1, mel 256, time 312) in dB, with the defaults."""

    output_names = ("image",)
    filters: Tensor
    taper: Tensor

    def __init__(self, *, n_fft: int = 2560, hop: int = 256, width: int = 312, top_db: float = 100.0) -> None:
        super().__init__()
        self.n_fft, self.hop, self.width, self.top_db = n_fft, hop, width, top_db
        matrix = filters(n_fft // 2 + 1, 256, rate=16_000, low=0.0, high=10_000.0, scale="htk", norm="none")
        self.register_buffer("filters", torch.from_numpy(matrix), persistent=False)
        self.register_buffer("taper", torch.hann_window(n_fft, dtype=torch.float64).float(), persistent=False)

    def forward(self, windows: Tensor) -> Tensor:
        """The image of each window: mirrored at its ends, 100 dB below its loudest cell at the least."""
        around = nn.functional.pad(windows[:, None], (self.n_fft // 2, self.n_fft // 2), mode="reflect")[:, 0]
        frames = around.unfold(-1, self.n_fft, self.hop) * self.taper
        power = torch.fft.rfft(frames).abs() ** 2 @ self.filters
        level = 10 * torch.log10(power.clamp(min=1e-10))
        level = torch.maximum(level, level.amax((1, 2), keepdim=True) - self.top_db)
        image = level.transpose(1, 2)[..., : self.width]
        return nn.functional.pad(image, (0, self.width - image.shape[-1]))[:, None]
