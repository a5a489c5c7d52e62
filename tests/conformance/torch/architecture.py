"""What an architecture to convert is, the table of all, and how their weights and inputs are drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

#: Axes that batches of sequences share, batch first and time first, and other sizes to try.
SEQUENCE = {"x": {0: "batch", 1: "time"}}
FRAMES = {"x": {0: "time", 1: "batch"}}
OTHER = {"batch": 3, "time": 11}
#: Name -> what makes the architecture. Filled by `architecture`, here and in the modules beside.
ALL: dict[str, Architecture] = {}


@dataclass(frozen=True)
class Architecture:
    """A way to make a module and its inputs; ``free`` says which axes may have any size, and ``sizes`` tries others.

    ``example`` gets the sizes of free axes by name. ``slow`` is read with free axes only where everything is asked
    for. ``onnx`` says what is wrong with PyTorch's export to ONNX, if anything; ``instead`` then makes what the
    exporter is given in the module's place, with the same weights.
    """

    name: str
    make: Callable[[], nn.Module]
    example: Callable[..., dict[str, torch.Tensor]]
    free: dict[str, dict[int, str]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    needs: str = "torch"
    onnx: str = ""
    instead: Callable[[nn.Module, dict[str, torch.Tensor]], Any] | None = None
    slow: bool = False


def architecture(name: str, **more: Any) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Register what returns (module, example); free axes are keywords of the example."""

    def register(make: Callable[[], Any]) -> Callable[[], Any]:
        assert name not in ALL, name

        def seeded() -> Any:
            with torch.random.fork_rng():
                torch.manual_seed(4)
                return make()

        ALL[name] = Architecture(name, lambda: seeded()[0], lambda **sizes: seeded()[1](**sizes), **more)
        return make

    return register


def scattered(module: nn.Module, seed: int = 0) -> nn.Module:
    """In eval mode, with no weight or statistic at a value that hides a mistake."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, one in [*module.named_parameters(), *module.named_buffers()]:
            if not one.is_floating_point():
                continue
            noise = torch.randn(one.shape, generator=generator)
            if name.endswith("running_var"):
                one.copy_(1 + 0.3 * noise.abs())
            elif one.dim() < 2:
                one.add_(0.1 * noise)
            else:
                one.copy_(noise * (one.std() + 0.02 if one.numel() > 1 else 0.3))
    return module.eval()


def noise(*shape: int, seed: int = 1) -> torch.Tensor:
    """Normal deviates, the same on every call."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def whole(below: int, *shape: int, seed: int = 1) -> torch.Tensor:
    """Whole numbers."""
    return torch.randint(0, below, shape, generator=torch.Generator().manual_seed(seed))


def named(module: nn.Module) -> nn.Module:
    """A module whose only parameter is called x."""

    class Named(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = module

        def forward(self, x: Any) -> Any:
            return self.body(x)

    return Named()
