"""What MuQ is made of: sizes from its configuration, and the names and shapes of its weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from modelparity.errors import ArtefactError, near

from ...networks.shapes import Shapes, batch_norm, layer

#: Activations by the configuration's words, as operators, and functions of PyTorch, are called.
ACTIVATIONS = {"swish": "silu", "silu": "silu", "gelu": "gelu", "relu": "relu"}
#: Settings of the published configuration that change nothing of what is computed here, in inference or training.
IGNORED = (
    "num_codebooks",
    "codebook_dim",
    "codebook_size",
    "features",
    "mask_hop",
    "mask_prob",
    "is_flash",
    "use_rvq_target",
    "use_vq_target",
    "use_encodec_target",
    "rvq_ckpt_path",
    "recon_loss_ratio",
    "resume_checkpoint",
    "rvq_n_codebooks",
    "rvq_multi_layer_num",
)
#: Those that count, by our names.
OWN = {
    "label_rate": "label_rate",
    "hop_length": "hop",
    "n_mels": "mels",
    "conv_dim": "channels",
    "encoder_dim": "width",
    "encoder_depth": "layers",
}
#: The same of its part ``w2v2_config``. ``num_hidden_layers`` and ``hidden_size`` there are overridden.
ENCODER = {
    "num_attention_heads": "heads",
    "intermediate_size": "inner",
    "conv_depthwise_kernel_size": "kernel",
    "hidden_act": "activation",
    "layer_norm_eps": "epsilon",
    "rotary_embedding_base": "base",
    "attention_dropout": "attention_dropout",
    "activation_dropout": "activation_dropout",
    "hidden_dropout": "hidden_dropout",
    "conformer_conv_dropout": "conv_dropout",
}
#: Frames of the picture for a vector: 4 at 25 vectors a second, 2 at 50.
STRIDES = {25: (2, 2), 50: (2, 1)}
#: Added to variances by every normalisation but the encoder's last.
EPSILON = 1e-5
#: Weights of the published file that take no part in hidden states, by the beginnings of their names.
UNUSED = {
    "model.cls_token": "for classification of sequences; nothing reads it",
    "model.linear.": "logits of the pretraining's codes",
    "model.recon_proj.": "reconstruction in pretraining",
    "model.rvq.": "makes targets of pretraining",
    "model.quantizer_": "makes targets of pretraining",
    "model.conformer.pos_conv_embed.": "positions are rotary; this one is made and never applied",
}
#: The buffer of rotary frequencies, which is computed.
FREQUENCIES = "model.conformer.embed_positions.inv_freq"


@dataclass(frozen=True)
class Sizes:
    """A network. Defaults are those of MuQ-large-msd-iter; ``codes`` is how many logits its last layer has, if any.

    ``mean`` and ``deviation`` normalise the picture, in dB. ``epsilon`` is that of the encoder's last normalisation.
    """

    label_rate: int = 25
    hop: int = 240
    mels: int = 128
    channels: int = 512
    width: int = 1024
    layers: int = 12
    heads: int = 16
    inner: int = 4096
    kernel: int = 31
    activation: str = "swish"
    epsilon: float = EPSILON
    base: float = 10_000.0
    mean: float = 6.768444971712967
    deviation: float = 18.417922652295623
    attention_dropout: float = 0.1
    activation_dropout: float = 0.1
    hidden_dropout: float = 0.1
    conv_dropout: float = 0.1
    codes: int = 0

    def __post_init__(self) -> None:
        own = asdict(self)
        for name in ("hop", "mels", "channels", "width", "layers", "heads", "inner", "kernel"):
            value = own[name]
            if type(value) is not int or value < 1:
                raise ArtefactError(f"{name} is no size", found=repr(value), expected="a whole number from 1")
        if self.label_rate not in STRIDES:
            raise ArtefactError("unknown label_rate", found=self.label_rate, expected="25 or 50")
        if self.width % (2 * self.heads):
            raise ArtefactError(
                "heads are not of the same even width", found=f"{self.width} wide, {self.heads} heads"
            )
        if not self.kernel % 2:
            raise ArtefactError("the depthwise kernel has no middle", found=self.kernel, expected="odd")
        if self.activation not in ACTIVATIONS:
            raise ArtefactError(
                "unknown hidden_act", found=self.activation, expected=near(self.activation, ACTIVATIONS)
            )

    @classmethod
    def from_config(cls, config: Mapping[str, Any], where: object = None) -> Sizes:
        """The sizes that a published configuration means; what it leaves out has its default.

        Raises `ArtefactError` for a setting that is not known or is no size, for a picture that is not normalised by
        ``stat``, and for other positions than rotary.
        """
        known = {*OWN, *IGNORED, "stat", "w2v2_config"}
        if unknown := [name for name in config if name not in known]:
            raise ArtefactError(
                f"unknown setting {unknown[0]!r}", where=where, expected=near(unknown[0], known)
            )
        encoder, stat = ({**(config.get(part) or {})} for part in ("w2v2_config", "stat"))
        if (positions := encoder.get("position_embeddings_type", "rotary")) != "rotary":
            raise ArtefactError("positions are not rotary", where=where, found=positions)
        given = {OWN[name]: value for name, value in config.items() if name in OWN}
        given |= {ENCODER[name]: value for name, value in encoder.items() if name in ENCODER}
        for name, word in (("mean", "melspec_2048_mean"), ("deviation", "melspec_2048_std")):
            if word not in stat:
                raise ArtefactError(
                    f"the configuration has no stat {word!r}", where=where, found=sorted(stat)
                )
            given[name] = float(stat[word])
        return replace(cls(), **given)

    @property
    def strides(self) -> tuple[int, int]:
        """How many frames each block of the subsampling goes on at a time."""
        return STRIDES[self.label_rate]

    @property
    def each(self) -> int:
        """How many frames a vector is made of."""
        return math.prod(self.strides)

    @property
    def bands(self) -> int:
        """Mel bands that are left behind the subsampling, which halves them twice."""
        return math.ceil(math.ceil(self.mels / 2) / 2)

    def vectors(self, frames: int) -> int:
        """How many vectors come of so many frames."""
        return math.ceil(frames / self.each)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """{name: shape} of every weight that counts, in PyTorch's layout."""
        return dict(self._shapes())

    def _shapes(self) -> Shapes:
        width, source = self.width, 1
        for block in range(2):
            for number, ins in ((1, source), (2, self.channels), (3, source)):
                own = f"model.conv.conv.{block}"
                yield f"{own}.conv{number}.weight", (self.channels, ins, 3, 3)
                yield f"{own}.conv{number}.bias", (self.channels,)
                yield from batch_norm(f"{own}.bn{number}", self.channels)
            source = self.channels
        yield from layer("model.conv.linear", width, self.channels * self.bands)
        for number in range(self.layers):
            yield from self._layer(f"model.conformer.layers.{number}")
        yield from layer("model.conformer.layer_norm", width)
        if self.codes:
            yield from layer("model.linear", self.codes, width)

    def _layer(self, own: str) -> Shapes:
        width = self.width
        for part in ("ffn1", "ffn2"):
            yield from layer(f"{own}.{part}_layer_norm", width)
            yield from layer(f"{own}.{part}.intermediate_dense", self.inner, width)
            yield from layer(f"{own}.{part}.output_dense", width, self.inner)
        yield from layer(f"{own}.self_attn_layer_norm", width)
        for part in "q", "k", "v", "out":
            yield from layer(f"{own}.self_attn.linear_{part}", width, width)
        yield from layer(f"{own}.conv_module.layer_norm", width)
        yield f"{own}.conv_module.pointwise_conv1.weight", (2 * width, width, 1)
        yield f"{own}.conv_module.depthwise_conv.weight", (width, 1, self.kernel)
        yield from batch_norm(f"{own}.conv_module.batch_norm", width)
        yield f"{own}.conv_module.pointwise_conv2.weight", (width, width, 1)
        yield from layer(f"{own}.final_layer_norm", width)
