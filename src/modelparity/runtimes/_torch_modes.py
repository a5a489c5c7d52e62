"""What PyTorch does to a module by itself while it runs, compiled code and narrower types: each can be off."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any


def is_compiled(module: Any) -> bool:
    """Whether any part of it, or how it is called, was compiled."""
    import torch

    compiled = torch._dynamo.eval_frame.OptimizedModule
    return any(
        isinstance(one, compiled) or one._compiled_call_impl is not None or _wrapped(one.forward)
        for one in module.modules()
    )


def _wrapped(function: Any) -> bool:
    """Whether a function is what ``torch.compile`` made of another."""
    return "_torchdynamo_orig_callable" in vars(getattr(function, "__func__", function))


@contextlib.contextmanager
def settings(*, compiled: bool, autocast: bool) -> Iterator[None]:
    """Around a run: without what was compiled, without narrower types, as asked."""
    import torch

    with contextlib.ExitStack() as stack:
        if not compiled:
            stack.enter_context(torch.compiler.set_stance("force_eager"))
        if not autocast:
            stack.enter_context(_full_types(torch.amp.autocast_mode.autocast))
        yield


@contextlib.contextmanager
def _full_types(autocast: Any) -> Iterator[None]:
    """Every block of ``autocast`` that is entered meanwhile does nothing."""
    enter = autocast.__enter__

    def disabled(self: Any) -> Any:
        self._enabled = False
        return enter(self)

    autocast.__enter__ = disabled
    try:
        yield
    finally:
        autocast.__enter__ = enter
