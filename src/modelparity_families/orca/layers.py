"""The network's layers: a ResNet with one channel in and two classes out, and the names of its 332 arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

#: Added to variances by every BatchNorm.
EPSILON = 1e-5
#: How often a bottleneck's last convolution multiplies its width.
EXPANSION = 4
#: What stands before every name.
PREFIX = "model."
#: The part of a BatchNorm that counts steps of training, and takes no part in what it computes.
COUNTED = "num_batches_tracked"
STATISTICS = ("weight", "bias", "running_mean", "running_var")
#: Beginnings of names as a fastai learner has them, and as its port does.
FASTAI = {
    "0.0.": "model.conv1.",
    "0.1.": "model.bn1.",
    "0.4.": "model.layer1.",
    "0.5.": "model.layer2.",
    "0.6.": "model.layer3.",
    "0.7.": "model.layer4.",
    "1.2.": "model.fc.1.",
    "1.4.": "model.fc.3.",
    "1.6.": "model.fc.5.",
    "1.8.": "model.fc.7.",
}
#: (blocks in each layer, whether they are bottlenecks) -> what such a network is called.
KNOWN: dict[tuple[tuple[int, ...], bool], str] = {
    ((2, 2, 2, 2), False): "ResNet-18",
    ((3, 4, 6, 3), False): "ResNet-34",
    ((3, 4, 6, 3), True): "ResNet-50",
    ((3, 4, 23, 3), True): "ResNet-101",
    ((3, 8, 36, 3), True): "ResNet-152",
}


@dataclass(frozen=True)
class Block:
    """A bottleneck: its name, channels in, width, stride, and whether its shortcut is a convolution."""

    name: str
    source: int
    width: int
    stride: int
    projected: bool

    @property
    def out(self) -> int:
        """Channels that it gives."""
        return EXPANSION * self.width


@dataclass(frozen=True)
class Layers:
    """``blocks`` in each of four layers, of which the first is ``width`` wide, and a head with ``hidden`` units.

    The defaults are ResNet-50, as it is deployed; smaller ones are for tests.
    """

    blocks: tuple[int, ...] = (3, 4, 6, 3)
    width: int = 64
    hidden: int = 512
    classes: int = 2

    @cached_property
    def bottlenecks(self) -> tuple[tuple[Block, ...], ...]:
        """Layer by layer; the stride of a layer's first block is 2, but for the first layer."""
        layers, source = [], self.width
        for number, count in enumerate(self.blocks, 1):
            width, made = self.width << (number - 1), []
            for place in range(count):
                stride = 2 if number > 1 and not place else 1
                made.append(Block(f"{PREFIX}layer{number}.{place}", source, width, stride, not place))
                source = EXPANSION * width
            layers.append(tuple(made))
        return tuple(layers)

    @property
    def features(self) -> int:
        """What the head is given: maxima and means of every channel."""
        return 2 * self.bottlenecks[-1][-1].out

    @cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """{name: shape} of a state dict, in PyTorch's order and layout: (out, in, mel, time) and (out, in)."""
        return dict(self._shapes())

    def _shapes(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        yield f"{PREFIX}conv1.weight", (self.width, 1, 7, 7)
        yield from _norm(f"{PREFIX}bn1", self.width)
        for layer in self.bottlenecks:
            for block in layer:
                yield from _bottleneck(block)
        for place, source, out in ((1, self.features, self.hidden), (5, self.hidden, self.classes)):
            yield from _norm(f"{PREFIX}fc.{place}", source)
            yield f"{PREFIX}fc.{place + 2}.weight", (out, source)
            yield f"{PREFIX}fc.{place + 2}.bias", (out,)


def _norm(name: str, channels: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    for part in STATISTICS:
        yield f"{name}.{part}", (channels,)
    yield f"{name}.{COUNTED}", ()


def _bottleneck(block: Block) -> Iterator[tuple[str, tuple[int, ...]]]:
    name, width = block.name, block.width
    convolutions = (
        (f"{name}.conv1", f"{name}.bn1", (width, block.source, 1, 1)),
        (f"{name}.conv2", f"{name}.bn2", (width, width, 3, 3)),
        (f"{name}.conv3", f"{name}.bn3", (block.out, width, 1, 1)),
        (f"{name}.downsample.0", f"{name}.downsample.1", (block.out, block.source, 1, 1)),
    )
    for conv, norm, shape in convolutions[: 4 if block.projected else 3]:
        yield f"{conv}.weight", shape
        yield from _norm(norm, shape[0])


def from_fastai(name: str) -> str | None:
    """The port's name of an array of a fastai learner; ``None`` if none of the learner's is called so."""
    return next(
        (to + name.removeprefix(start) for start, to in FASTAI.items() if name.startswith(start)), None
    )


def to_fastai(name: str) -> str | None:
    """The name in a fastai learner of an array of the port; ``None`` if the port has none of that name."""
    return next(
        (to + name.removeprefix(start) for to, start in FASTAI.items() if name.startswith(start)), None
    )


def counted_layers(names: Iterable[str]) -> str:
    """What network these names are of, as "layers of 3, 4, 6, 3 bottlenecks (ResNet-50)"."""
    blocks: dict[int, set[int]] = {}
    bottleneck = False
    for name in names:
        parts = name.removeprefix(PREFIX).split(".")
        if parts[0].startswith("layer") and len(parts) > 2 and parts[1].isdecimal():
            blocks.setdefault(int(parts[0].removeprefix("layer") or 0), set()).add(int(parts[1]))
            bottleneck = bottleneck or parts[2] == "conv3"
    counts = tuple(len(blocks[layer]) for layer in sorted(blocks))
    kind = "bottlenecks" if bottleneck else "basic blocks"
    depth = KNOWN.get((counts, bottleneck))
    told = f"layers of {', '.join(map(str, counts))} {kind}" if counts else "no layers of blocks"
    return f"{told} ({depth})" if depth else told
