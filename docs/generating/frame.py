"""A call of a translator's function, followed statement by statement."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from .expressions import Expressions
from .values import UNKNOWN, Inner, Instance, Values, elements, unique

#: Calls within calls that are followed.
DEEPEST = 12


class Frame(Expressions):
    """One call: what each local name may be, and what may be returned."""

    def __init__(self, following: Any, outer: Mapping[str, Any], depth: int) -> None:
        super().__init__(following, outer, depth)
        self.returned: Values = []

    def bind(
        self, spec: ast.arguments, args: list[Values], keywords: dict[str, Values], function: Any = None
    ) -> None:
        """Give the parameters what they are called with, or their defaults, or their annotated class."""
        names = [*spec.posonlyargs, *spec.args]
        defaults: list[ast.expr | None] = [None] * (len(names) - len(spec.defaults)) + list(spec.defaults)
        pairs = [*zip(names, defaults, strict=True), *zip(spec.kwonlyargs, spec.kw_defaults, strict=True)]
        for place, (name, default) in enumerate(pairs):
            if place < len(args) and name not in spec.kwonlyargs:
                value = args[place]
            elif name.arg in keywords:
                value = keywords[name.arg]
            else:
                value = self.value(default) if default is not None else []
            self.local[name.arg] = value or self._instance(name.annotation)

    def _instance(self, annotation: ast.expr | None) -> Values:
        """An object of the annotated class, of which only its methods are known."""
        known = self.value(annotation) if isinstance(annotation, ast.Name) else []
        return [Instance(one) for one in known if inspect.isclass(one)]

    def run(self, body: Sequence[ast.stmt]) -> bool:
        """Follow statements; whether what stands behind them is reached."""
        return all(self._statement(one) for one in body)

    def _statement(self, node: ast.stmt) -> bool:
        match node:
            case ast.If():
                truth = self.truth(node.test)
                self.value(node.test)
                first = self.run(node.body) if truth is not False else False
                second = self.run(node.orelse) if truth is not True else False
                return first or second
            case ast.Return():
                if node.value is not None:
                    self.returned += self.value(node.value)
                return False
            case ast.Raise():
                return False
            case ast.Assign():
                value = self.value(node.value)
                for target in node.targets:
                    self.assign(target, value)
            case ast.AnnAssign() | ast.AugAssign():
                if node.value is not None:
                    self.assign(node.target, self.value(node.value))
            case ast.For():
                self.assign(node.target, elements(self.value(node.iter)))
                self.run(node.body)
                self.run(node.body)  # with what the first turn left behind
                self.run(node.orelse)
            case ast.While():
                self.value(node.test)
                self.run(node.body)
                self.run(node.body)
            case ast.With():
                for item in node.items:
                    self.value(item.context_expr)
                return self.run(node.body)
            case ast.Try():
                self.run(node.body)
                for handler in node.handlers:
                    self.run(handler.body)
                self.run([*node.orelse, *node.finalbody])
            case ast.Match():
                self.value(node.subject)
                for case in node.cases:
                    self.run(case.body)
            case ast.FunctionDef():
                self.local[node.name] = [Inner(node, self)]
                self.enter(node, [], {})
            case ast.Expr() | ast.Assert():
                self.value(node.value if isinstance(node, ast.Expr) else node.test)
            case _:
                pass
        return True

    def assign(self, target: ast.expr, value: Values) -> None:
        """A name may be what it was and what it becomes now; branches are not told apart."""
        value = value or [UNKNOWN]
        if isinstance(target, ast.Name):
            self.local[target.id] = unique([*self.local.get(target.id, []), *value])
        elif isinstance(target, ast.Tuple | ast.List):
            sized = [one for one in value if isinstance(one, tuple | list) and len(one) == len(target.elts)]
            for place, inner in enumerate(target.elts):
                more = [UNKNOWN] if len(sized) < len(value) else []
                self.assign(inner, [one[place] for one in sized] + more)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, [])

    def enter(
        self, node: ast.FunctionDef | ast.Lambda, args: list[Values], keywords: dict[str, Values]
    ) -> Values:
        """Follow a function within this one."""
        if self.depth > DEEPEST:
            return []
        frame = Frame(self.following, self.outer, self.depth + 1)
        frame.local = dict(self.local)
        frame.bind(node.args, args, keywords)
        frame.run(node.body if isinstance(node, ast.FunctionDef) else [ast.Return(node.body)])
        return frame.returned
