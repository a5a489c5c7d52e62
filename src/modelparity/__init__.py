"""modelparity: does the converted model compute what the original computes, and if not, where and why?

Names load on first use, so that importing the package costs nothing and pulls in no framework.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .conversion.convert import convert as convert
    from .describe.summary import summary as summary
    from .engine.run import run as run, run_many as run_many
    from .family import families as families
    from .family.pipelines import pipeline as pipeline, pipelines as pipelines
    from .formats import load as load
    from .goldens import Golden as Golden, golden as golden
    from .graph import Axis as Axis, Graph as Graph, Node as Node, TensorSpec as TensorSpec
    from .repairing import repair as repair
    from .streaming.stream import stream as stream
    from .verdict.checking import assert_parity as assert_parity, check as check
    from .verdict.float16.ranges import float16_ranges as float16_ranges
    from .verdict.model import Verdict as Verdict
    from .version import __version__ as __version__

_HOME = {
    "__version__": "version",
    "Axis": "graph",
    "Golden": "goldens",
    "Graph": "graph",
    "Node": "graph",
    "TensorSpec": "graph",
    "Verdict": "verdict.model",
    "assert_parity": "verdict.checking",
    "check": "verdict.checking",
    "convert": "conversion.convert",
    "families": "family",
    "float16_ranges": "verdict.float16.ranges",
    "golden": "goldens",
    "load": "formats",
    "pipeline": "family.pipelines",
    "pipelines": "family.pipelines",
    "repair": "repairing",
    "run": "engine.run",
    "run_many": "engine.run",
    "stream": "streaming.stream",
    "summary": "describe.summary",
}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'modelparity' has no attribute {name!r}")
    value = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
