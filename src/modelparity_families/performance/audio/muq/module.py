"""MuQ as a PyTorch module, with the names of the published weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from modelparity.errors import InputError
from modelparity.graph import Array

from ....mel_filters import filters
from .front_end import LEAST as FEWEST, RATE, SIZE, frame_mask
from .graph import LEAST
from .reading import checked
from .sizes import ACTIVATIONS, EPSILON, Sizes

#: Activations by the names of operators.
FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {"silu": F.silu, "gelu": F.gelu, "relu": F.relu}


class LogMel(nn.Module):
    """audio (batch, sample) at 24 kHz -> logmel (batch, mel, frame) in dB, as `front_end.logmel` has it."""

    output_names = ("logmel",)
    filters: Tensor
    taper: Tensor

    def __init__(self, *, hop: int = 240, mels: int = 128) -> None:
        super().__init__()
        self.hop = hop
        rows = filters(SIZE // 2 + 1, mels, rate=RATE, low=0.0, high=RATE / 2, scale="htk", norm="none")
        self.register_buffer("filters", torch.from_numpy(rows), persistent=False)
        self.register_buffer("taper", torch.hann_window(SIZE, dtype=torch.float64).float(), persistent=False)

    def forward(self, audio: Tensor) -> Tensor:
        """Raises `InputError` for fewer than 1025 samples: there is nothing to mirror."""
        if not torch.compiler.is_compiling() and audio.shape[-1] < FEWEST:
            raise InputError(
                f"{audio.shape[-1]} samples are too few", expected=f"{FEWEST} at least, {FEWEST / RATE:.3f} s"
            )
        around = F.pad(audio[:, None], (SIZE // 2, SIZE // 2), mode="reflect")[:, 0]
        frames = around.unfold(-1, SIZE, self.hop)[:, :-1] * self.taper
        power = torch.fft.rfft(frames).abs() ** 2 @ self.filters
        return 10 * torch.log10(power.clamp(min=1e-10)).transpose(1, 2)


class Block(nn.Module):
    """One block of the subsampling: two convolutions, and a third as its shortcut."""

    def __init__(self, source: int, channels: int, stride: tuple[int, int]) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(source, channels, 3, stride, 1)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1)
        self.bn2 = nn.BatchNorm2d(channels)
        self.conv3 = nn.Conv2d(source, channels, 3, stride, 1)
        self.bn3 = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channel, mel, frame), fewer of the last two behind it."""
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + self.bn3(self.conv3(x)))


class Subsampling(nn.Module):
    """(batch, 1, mel, frame) -> (batch, vector, width)."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        first, second = sizes.strides
        blocks = (Block(1, sizes.channels, (2, first)), Block(sizes.channels, sizes.channels, (2, second)))
        self.conv = nn.Sequential(*blocks)
        self.linear = nn.Linear(sizes.channels * sizes.bands, sizes.width)

    def forward(self, x: Tensor) -> Tensor:
        """Channels and bands of a vector as one row, channel by channel, projected."""
        y: Tensor = self.linear(self.conv(x).permute(0, 3, 1, 2).flatten(2))
        return y


class FeedForward(nn.Module):
    """Wide and back, an activation between them."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.intermediate_dense = nn.Linear(sizes.width, sizes.inner)
        self.output_dense = nn.Linear(sizes.inner, sizes.width)
        self.activation = FUNCTIONS[ACTIVATIONS[sizes.activation]]
        self.inner_dropout = nn.Dropout(sizes.activation_dropout)
        self.outer_dropout = nn.Dropout(sizes.hidden_dropout)

    def forward(self, x: Tensor) -> Tensor:
        """(..., width), as it comes."""
        y = self.inner_dropout(self.activation(self.intermediate_dense(x)))
        z: Tensor = self.outer_dropout(self.output_dense(y))
        return z


class Attention(nn.Module):
    """Of heads, whose queries and keys are made of what was turned by its place."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.heads = sizes.heads
        for part in "q", "k", "v", "out":
            self.add_module(f"linear_{part}", nn.Linear(sizes.width, sizes.width))
        self.dropout = nn.Dropout(sizes.attention_dropout)

    def forward(self, x: Tensor, cosines: Tensor, sines: Tensor, shut: Tensor | None) -> Tensor:
        """x (batch, vector, width); cosines and sines (vector, 1, width of a head); shut (batch, 1, 1, vector)."""
        heads = self._heads(x)
        first, second = heads.chunk(2, dim=-1)
        turned = (heads * cosines + torch.cat((-second, first), dim=-1) * sines).flatten(2)
        given = (("linear_q", turned), ("linear_k", turned), ("linear_v", x))
        q, k, v = (self._heads(self.get_submodule(name)(one)).transpose(1, 2) for name, one in given)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if shut is not None:
            scores = scores.masked_fill(shut, float(LEAST))
        mixed = self.dropout(scores.softmax(dim=-1)) @ v
        y: Tensor = self.get_submodule("linear_out")(mixed.transpose(1, 2).flatten(2))
        return y

    def _heads(self, x: Tensor) -> Tensor:
        """(batch, vector, width) -> (batch, vector, head, width of a head)."""
        return x.reshape(*x.shape[:-1], self.heads, x.shape[-1] // self.heads)


class ConvolutionModule(nn.Module):
    """Gated, then over time each channel by itself."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        width, kernel = sizes.width, sizes.kernel
        self.layer_norm = nn.LayerNorm(width, eps=EPSILON)
        self.pointwise_conv1 = nn.Conv1d(width, 2 * width, 1, bias=False)
        self.depthwise_conv = nn.Conv1d(width, width, kernel, padding=kernel // 2, groups=width, bias=False)
        self.batch_norm = nn.BatchNorm1d(width)
        self.pointwise_conv2 = nn.Conv1d(width, width, 1, bias=False)
        self.activation = FUNCTIONS[ACTIVATIONS[sizes.activation]]
        self.dropout = nn.Dropout(sizes.conv_dropout)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, vector, width), as it comes."""
        y = F.glu(self.pointwise_conv1(self.layer_norm(x).transpose(1, 2)), dim=1)
        y = self.activation(self.batch_norm(self.depthwise_conv(y)))
        z: Tensor = self.dropout(self.pointwise_conv2(y)).transpose(1, 2)
        return z


class Layer(nn.Module):
    """Half a feed-forward, attention, convolution, half a feed-forward, each added; then normalised."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.ffn1_layer_norm = nn.LayerNorm(sizes.width, eps=EPSILON)
        self.ffn1 = FeedForward(sizes)
        self.self_attn_layer_norm = nn.LayerNorm(sizes.width, eps=EPSILON)
        self.self_attn = Attention(sizes)
        self.self_attn_dropout = nn.Dropout(sizes.attention_dropout)
        self.conv_module = ConvolutionModule(sizes)
        self.ffn2_layer_norm = nn.LayerNorm(sizes.width, eps=EPSILON)
        self.ffn2 = FeedForward(sizes)
        self.final_layer_norm = nn.LayerNorm(sizes.width, eps=EPSILON)

    def forward(self, x: Tensor, cosines: Tensor, sines: Tensor, shut: Tensor | None) -> Tensor:
        """(batch, vector, width), as it comes."""
        x = x + 0.5 * self.ffn1(self.ffn1_layer_norm(x))
        attended = self.self_attn(self.self_attn_layer_norm(x), cosines, sines, shut)
        x = x + self.self_attn_dropout(attended)
        x = x + self.conv_module(x)
        x = x + 0.5 * self.ffn2(self.ffn2_layer_norm(x))
        y: Tensor = self.final_layer_norm(x)
        return y


class Conformer(nn.Module):
    """The layers, and a normalisation behind them."""

    frequencies: Tensor

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        size = sizes.width // sizes.heads
        here = torch.device("cpu")  # computed also where the weights are not there yet
        rates = 1.0 / sizes.base ** (torch.arange(0, size, 2, dtype=torch.float64, device=here) / size)
        self.register_buffer("frequencies", rates.float().repeat(2), persistent=False)
        self.dropout = nn.Dropout(sizes.hidden_dropout)
        self.layers = nn.ModuleList(Layer(sizes) for _ in range(sizes.layers))
        self.layer_norm = nn.LayerNorm(sizes.width, eps=sizes.epsilon)

    def forward(self, x: Tensor, mask: Tensor | None) -> list[Tensor]:
        """Hidden states (batch, vector, width): what enters, what layers give, the last of it normalised."""
        shut = None
        if mask is not None:
            closed = mask == 0
            x, shut = x.masked_fill(closed[..., None], 0.0), closed[:, None, None]
        states = [x]
        angles = (torch.arange(x.shape[1], device=x.device)[:, None] * self.frequencies)[:, None]
        cosines, sines = angles.cos(), angles.sin()
        x = self.dropout(x)
        for layer in self.layers:
            x = layer(x, cosines, sines, shut)
            states.append(x)
        return [*states[:-1], self.layer_norm(x)]


class Model(nn.Module):
    """What the published names call ``model``: logmel and mask -> hidden states, stacked."""

    def __init__(self, sizes: Sizes, states: Sequence[int] | None = None) -> None:
        super().__init__()
        self.sizes = sizes
        self.states = tuple(range(sizes.layers + 1) if states is None else states)
        self.conv = Subsampling(sizes)
        self.conformer = Conformer(sizes)
        if sizes.codes:
            self.linear = nn.Linear(sizes.width, sizes.codes)

    def forward(self, logmel: Tensor, mask: Tensor | None = None) -> Tensor:
        """As `MuQ.forward`."""
        x = self.conv(((logmel - self.sizes.mean) / self.sizes.deviation)[:, None])
        found = self.conformer(x, None if mask is None else mask[:, :: self.sizes.each])
        return torch.stack([found[state] for state in self.states])

    def logits(self, last: Tensor) -> Tensor:
        """Logits of the pretraining's codes (batch, vector, code) of the last hidden state."""
        if not self.sizes.codes:
            raise InputError("this network has no layer of logits", fix="Sizes(codes=...)")
        y: Tensor = self.linear(last)
        return y


class MuQ(nn.Module):
    """logmel (batch, mel, frame) in dB, mask (batch, frame) -> hidden (state, batch, vector, width).

    ``states`` are those of the hidden states that are given, all if left out.
    """

    output_names = ("hidden",)

    def __init__(self, sizes: Sizes, states: Sequence[int] | None = None) -> None:
        super().__init__()
        self.sizes = sizes
        self.model = Model(sizes, states)

    def forward(self, logmel: Tensor, mask: Tensor | None = None) -> Tensor:
        """The hidden states. The mask is 1 where a frame counts, of which the first of a vector tells."""
        states: Tensor = self.model(logmel, mask)
        return states

    def of_audio(self, audio: Tensor, mask: Tensor | None = None) -> Tensor:
        """The same of audio (batch, sample) at 24 kHz and a mask of samples. Raises `InputError` for an empty row."""
        front = LogMel(hop=self.sizes.hop, mels=self.sizes.mels).to(audio.device)
        with torch.no_grad():
            picture = front(audio)
        if mask is None:
            return self.forward(picture)
        frames = frame_mask(mask.cpu().numpy(), picture.shape[-1], self.sizes.each)
        return self.forward(picture, torch.from_numpy(frames).to(audio.device))


def module_of(sizes: Sizes, weights: Mapping[str, Array], *, states: Sequence[int] | None = None) -> MuQ:
    """The module with these weights, in eval mode. Raises `ArtefactError` unless they are its own, all of them."""
    weights = checked(sizes, weights)
    with torch.device("meta"):  # nothing is drawn, and nothing is there twice
        network = MuQ(sizes, states)
    found = {name: torch.from_numpy(np.array(array)) for name, array in weights.items()}
    network.load_state_dict(found, assign=True)
    return network.eval()
