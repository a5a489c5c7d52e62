"""The layers of a backbone, wherever it keeps them."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from modelparity.errors import InputError


def layers_of(model: nn.Module) -> tuple[str, nn.ModuleList]:
    """Where a module has its only list called ``layers``, and the list. Raises `InputError` for none or several."""
    found = [
        (name, one)
        for name, one in model.named_modules()
        if isinstance(one, nn.ModuleList) and name.rpartition(".")[2] == "layers"
    ]
    if len(found) != 1:
        raise InputError(
            "the model has not one list of layers", found=[name for name, _ in found] or type(model).__name__
        )
    return found[0]


def numbered(layers: Sequence[int], count: int) -> None:
    """Raise `InputError` unless there are such numbers of layers, the lowest 1."""
    if beyond := [number for number in layers if not 1 <= number <= count]:
        raise InputError(
            f"there is no layer {beyond[0]}",
            expected=f"numbers from 1 to {count}",
            fix=f"layers={tuple(range(max(1, count - 3), count + 1))} are the last ones",
        )
