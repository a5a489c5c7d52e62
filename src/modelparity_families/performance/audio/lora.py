"""Adapters by peft: put around layers of a module in place, saved and loaded alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from modelparity.errors import ArtefactError, InputError, Unavailable, near

from ...safetensor_files import arrays
from ..names import NAME
from .adapters import Adapters
from .layers import layers_of, numbered

if TYPE_CHECKING:
    from peft import PeftModel

#: Layers that are adapted, the lowest 1, and the projections of their attention.
LAYERS, TARGETS = (9, 10, 11, 12), ("linear_q", "linear_v")
FILE, CONFIG = "adapter_model.safetensors", "adapter_config.json"
#: What peft puts before names of weights.
PREFIX = "base_model.model."


def adapt(
    model: nn.Module,
    *,
    rank: int = 16,
    alpha: int = 32,
    layers: Sequence[int] = LAYERS,
    targets: Sequence[str] = TARGETS,
    dropout: float = 0.05,
) -> PeftModel:
    """Put adapters around projections of the attention of ``layers``, in place; returns peft's wrapper.

    ``model`` is one whose layers are its only list called ``layers`` (such as ``MuQ(...).model``). Everything but the
    adapters is frozen, and they begin as 0: nothing changes until they learn. Because positions are turned into what
    queries are made of, the adapter of queries sees what is turned.

    Raises:
        InputError: there is no such layer, or no such projection: nothing is left out in silence.
        Unavailable: peft is not installed.
    """
    names = _named(model, layers, targets)
    return _wrapped(model, names, rank=rank, alpha=alpha, dropout=dropout)


def adapters_of(wrapped: PeftModel, *, prefix: str = "model.") -> Adapters:
    """The adapters as arrays, called by the names of weights: ``prefix`` and the name within what was wrapped."""
    import peft

    config: Any = wrapped.peft_config["default"]
    found = peft.get_peft_model_state_dict(wrapped)
    named = {prefix + name.removeprefix(PREFIX): one.detach().cpu().numpy() for name, one in found.items()}
    return Adapters.of(named, alpha=config.lora_alpha)


def save(wrapped: PeftModel, folder: Path) -> None:
    """Write the adapters alone: ``adapter_model.safetensors`` and peft's ``adapter_config.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    wrapped.save_pretrained(str(folder))


def load(model: nn.Module, folder: Path) -> PeftModel:
    """Put the adapters of a folder around layers of ``model``, in place; returns peft's wrapper, in eval mode.

    Raises `ArtefactError` where they are none, or are not of this model: peft itself skips what it does not find.
    """
    settings = _settings(folder / CONFIG)
    found = {name.removeprefix(PREFIX): one for name, one in arrays(folder / FILE).items()}
    pairs = Adapters.of(found, alpha=settings["lora_alpha"])
    own = {
        f"{name}.weight": module.weight.detach().numpy()
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear)
    }
    pairs.check(own)
    names = sorted(pairs.pairs)
    wrapped = _wrapped(model, names, rank=settings["r"], alpha=settings["lora_alpha"], dropout=0.0)
    state = wrapped.state_dict()
    for name in names:
        for factor, array in zip("AB", pairs.pairs[name], strict=True):
            held = state[f"{PREFIX}{name}.lora_{factor}.default.weight"]
            if tuple(held.shape) != array.shape:
                raise ArtefactError(
                    f"the adapter of {name!r} is of another rank",
                    where=folder,
                    found=array.shape,
                    expected=tuple(held.shape),
                )
            held.copy_(torch.from_numpy(array))
    return wrapped.eval()


def _named(model: nn.Module, layers: Sequence[int], targets: Sequence[str]) -> list[str]:
    at, found = layers_of(model)
    numbered(layers, len(found))
    if not layers or not targets:
        raise InputError(
            "nothing is to be adapted", found=f"layers {tuple(layers)}, targets {tuple(targets)}"
        )
    names = []
    for number in sorted(set(layers)):
        inside = found[number - 1].get_submodule("self_attn").named_children()
        here = {name for name, one in inside if isinstance(one, nn.Linear)}
        for target in targets:
            if target not in here:
                raise InputError(
                    f"layer {number} has no projection {target!r}",
                    where="adapters",
                    expected=near(target, here),
                )
            names.append(f"{at}.{number - 1}.self_attn.{target}")
    return names


def _wrapped(model: nn.Module, names: list[str], *, rank: int, alpha: int, dropout: float) -> PeftModel:
    try:
        import peft
    except ImportError as error:
        raise Unavailable(f"peft is not installed: pip install 'modelparity[{NAME}]'") from error
    config = peft.LoraConfig(
        r=rank, lora_alpha=alpha, lora_dropout=dropout, bias="none", target_modules=names
    )
    wrapped = peft.get_peft_model(model, config)
    base: Any = wrapped.base_model
    adapted = base.targeted_module_names
    if sorted(adapted) != sorted(names):
        raise InputError("other layers were adapted", found=sorted(adapted), expected=sorted(names))
    return wrapped


def _settings(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
        numbers = {name: found[name] for name in ("r", "lora_alpha")}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ArtefactError("not the configuration of adapters", where=path, found=error) from error
    if found.get("peft_type") != "LORA" or found.get("use_rslora") or found.get("use_dora"):
        raise ArtefactError(
            "adapters of another kind", where=path, found=found.get("peft_type"), expected="plain LORA"
        )
    return numbers
