"""A3: a backbone whose layers thaw one by one, as a module of PyTorch Lightning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import nn

from modelparity.errors import InputError

from ..audio.encoders.sizes import Sizes
from ..audio.layers import layers_of
from .learners import PairLearner

#: How much slower each layer learns than the one above it.
DECAY = 0.8


class ThawingLearner(PairLearner):
    """A3: as A1 without invariance, behind a backbone whose layers start frozen.

    ``unfreeze_schedule`` says which layers thaw when: {epoch: numbers of layers, the lowest 1}. Every layer that will
    ever thaw has its group in the optimizer from the start, named ``layer3``; the k-th learns at learning_rate *
    decay ^ (highest of them - k). What stays frozen stays in eval mode.
    """

    def __init__(
        self,
        sizes: Sizes | None = None,
        *,
        unfreeze_schedule: Mapping[int, Sequence[int]],
        backbone: nn.Module | None = None,
        decay: float = DECAY,
        **settings: Any,
    ) -> None:
        """Make it ready to learn.

        Args:
            sizes: of the model; ``sizes.layers`` are those of its own backbone.
            unfreeze_schedule: {epoch: layers}, from 1 on.
            backbone: another one: a module with its layers as ``layers``.
            decay: see above.
            settings: of `PairLearner`.

        Raises:
            InputError: there is no backbone, or no such layer, or one thaws twice, or an epoch is below 0.
        """
        super().__init__(sizes, backbone=backbone, **settings)
        if (found := self.network.backbone) is None:
            raise InputError("there is no backbone", fix="give Sizes(layers=...) or backbone=")
        self.layers: tuple[nn.Module, ...] = tuple(layers_of(found)[1])  # the modules are the backbone's
        layers = self.layers
        self.schedule = {int(epoch): tuple(numbers) for epoch, numbers in sorted(unfreeze_schedule.items())}
        numbers = [number for some in self.schedule.values() for number in some]
        beyond = [number for number in numbers if not 1 <= number <= len(layers)]
        twice = [number for number in set(numbers) if numbers.count(number) > 1]
        if beyond or twice or min(self.schedule, default=0) < 0:
            raise InputError(
                "no such schedule of layers",
                found=f"layer {beyond[0]}"
                if beyond
                else f"layer {twice[0]} twice"
                if twice
                else "an epoch below 0",
                expected=f"each of the layers 1 to {len(layers)} once, from epoch 0 on",
            )
        self.hparams.update(
            {"decay": decay, "unfreeze_schedule": {k: list(v) for k, v in self.schedule.items()}}
        )
        found.requires_grad_(False)

    def thawed(self, epoch: int) -> tuple[int, ...]:
        """The layers that learn in an epoch, sorted."""
        return tuple(
            sorted(number for start, some in self.schedule.items() if start <= epoch for number in some)
        )

    def on_train_epoch_start(self) -> None:
        """Thaw the layers whose epoch has come."""
        self.thaw(self.current_epoch)

    def thaw(self, epoch: int) -> None:
        """Let the layers of this epoch and of those before it learn."""
        self._backbone().eval()
        for number in self.thawed(epoch):
            self.layers[number - 1].requires_grad_(True).train()

    def groups(self) -> list[dict[str, Any]]:
        """A group for each layer that thaws, the lowest first, then the heads."""
        numbers = sorted(number for some in self.schedule.values() for number in some)
        rate, decay = self.hparams["learning_rate"], self.hparams["decay"]
        made = [
            {
                "params": list(self.layers[number - 1].parameters()),
                "lr": rate * decay ** (numbers[-1] - number),
                "name": f"layer{number}",
            }
            for number in numbers
        ]
        within = {id(one) for one in self._backbone().parameters()}
        heads = [one for one in self.parameters() if id(one) not in within]
        return [*made, {"params": heads, "lr": rate, "name": "heads"}]

    def _backbone(self) -> nn.Module:
        found = self.network.backbone
        assert found is not None  # looked at when it was made
        return found
