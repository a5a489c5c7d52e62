"""Modules whose weights have one type: what they are given, and what to do about one that takes no float32."""

from __future__ import annotations

from typing import Any


def in_own_type(module: Any, tensors: dict[str, Any]) -> dict[str, Any] | None:
    """Inputs of fractions in the one type that all of a module's weights have: bfloat16, float32 or float64.

    ``None`` if they have several, or float16, which numpy can give, or if that would change a value.
    """
    import torch

    own = {p.dtype for p in module.parameters() if p.is_floating_point()}
    if len(own) != 1 or own == {torch.float16}:
        return None
    (wanted,) = own
    made = {name: t.to(wanted) if t.is_floating_point() else t for name, t in tensors.items()}
    same = all(
        torch.equal(made[name].to(t.dtype).nan_to_num(), t.nan_to_num()) for name, t in tensors.items()
    )
    return made if same else None


def half(module: Any) -> str | None:
    """What to do if the module was cast to half precision, and so takes no float32; else None."""
    own = sorted(
        {str(p.dtype) for p in module.parameters() if str(p.dtype) in ("torch.float16", "torch.bfloat16")}
    )
    if not own:
        return None
    return (
        f"its weights are {', '.join(own)}: let forward cast its input (x.to(self.weight.dtype)) and its "
        "result back; then expect 'reduced'"
    )
