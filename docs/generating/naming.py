"""Which operators of the engine a translator can name, found by following its source instead of running it.

A translator is a function that a reader's registry has under the name of a foreign operator. It is followed with that
name known, so that ``TABLE[op.type]`` and ``if op.type == "Elu"`` come to what they are for that operator, through
functions that it calls within `modelparity.formats`. Where the source does not decide, all that may be is taken:
what is found is everything that the translator can name, in whatever form the operator comes.
"""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
from collections.abc import Callable, Collection, Mapping
from typing import Any

from .frame import DEEPEST, Frame
from .values import Values

#: Methods that add a node -> which of their arguments names the operator.
ADDING = {"give": 0, "temp": 0, "temps": 0, "emit": 0, "emit_all": 0, "several": 0, "node": 1}


def named(
    translate: Callable[..., Any],
    foreign: str,
    operators: Collection[str],
    adding: Mapping[str, int] = ADDING,
) -> set[str]:
    """Those of ``operators`` that ``translate`` can give a node for the foreign operator of that name.

    ``adding`` are the methods that add one -> which of their arguments names it.
    """
    following = Following(foreign, adding)
    following.call(translate, [], {}, 0)
    return following.found & set(operators)


class Following:
    """One translator being followed for one foreign operator."""

    def __init__(self, foreign: str, adding: Mapping[str, int]) -> None:
        self.foreign, self.adding = foreign, adding
        self.found: set[str] = set()
        self._seen: dict[Any, Values] = {}

    def call(self, function: Any, args: list[Values], keywords: dict[str, Values], depth: int) -> Values:
        """What a function of `modelparity.formats` may return, its nodes noted."""
        while isinstance(function, functools.partial):
            args = [[one] for one in function.args] + args
            keywords = {key: [one] for key, one in function.keywords.items()} | keywords
            function = function.func
        function = inspect.unwrap(getattr(function, "__func__", function))
        if not inspect.isfunction(function) or depth > DEEPEST:
            return []
        if not function.__module__.startswith("modelparity.formats"):
            return []
        key = (function, repr(args), repr(sorted(keywords.items())))
        if key not in self._seen:
            self._seen[key] = []  # what calls itself returns nothing new
            node = parsed(function)
            if node is None:
                return []
            outer = inspect.getclosurevars(function)
            frame = Frame(self, {**outer.builtins, **function.__globals__, **outer.nonlocals}, depth)
            frame.bind(node.args, args, keywords, function)
            frame.run(node.body if isinstance(node, ast.FunctionDef) else [ast.Return(node.body)])
            self._seen[key] = frame.returned
        return self._seen[key]


@functools.cache
def parsed(function: Any) -> ast.FunctionDef | ast.Lambda | None:
    """A function's syntax; None if its source is not there."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, SyntaxError):
        return None
    kinds = (ast.Lambda,) if function.__name__ == "<lambda>" else (ast.FunctionDef,)
    return next((node for node in ast.walk(tree) if isinstance(node, kinds)), None)
