"""Expressions of a translator's source, followed: what each may be, and which nodes it adds."""

from __future__ import annotations

import ast
import inspect
from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping
from typing import Any

from .values import (
    MOST,
    TEXT,
    UNKNOWN,
    Either,
    Inner,
    Instance,
    Method,
    Unknown,
    Values,
    applied,
    choices,
    compared,
    elements,
    fields_of,
    holds_unknown,
    picked,
    texts,
    unique,
)

#: What translators call the name of the operator that they were called for.
OWN_NAME = {"type", "op", "kind"}
#: Methods that turn or reshape an operand. What they add is how formats differ, not what the operator means.
LAYOUT = {"turned", "shaped", "laid"}


class Expressions(ABC):
    """What the expressions of one call may be. ``local`` and ``outer`` are what names within and around it may be."""

    def __init__(self, following: Any, outer: Mapping[str, Any], depth: int) -> None:
        self.following, self.outer, self.depth = following, outer, depth
        self.local: dict[str, Values] = {}

    @abstractmethod
    def assign(self, target: ast.expr, value: Values) -> None:
        """A name may be this, too."""

    @abstractmethod
    def enter(
        self, node: ast.FunctionDef | ast.Lambda, args: list[Values], keywords: dict[str, Values]
    ) -> Values:
        """What a function within this one may return."""

    def truth(self, node: ast.expr) -> bool | None:
        """Whether a condition holds, if the source decides it."""
        match node:
            case ast.Constant():
                return bool(node.value)
            case ast.Name():
                known = self.value(node)
                return known[0] if len(known) == 1 and isinstance(known[0], bool) else None
            case ast.UnaryOp(op=ast.Not()):
                inner = self.truth(node.operand)
                return None if inner is None else not inner
            case ast.BoolOp():
                inner_ = [self.truth(one) for one in node.values]
                decided = isinstance(node.op, ast.Or)
                if decided in inner_:
                    return decided
                return None if None in inner_ else not decided
            case ast.Compare(ops=[compare]):
                left, right = self.value(node.left), self.value(node.comparators[0])
                if len(left) != 1 or len(right) != 1 or holds_unknown(left[0]) or holds_unknown(right[0]):
                    return None
                return compared(compare, left[0], right[0])
            case ast.Call(func=ast.Attribute(attr="startswith" | "endswith")):
                found = self.value(node)
                return found[0] if len(found) == 1 and isinstance(found[0], bool) else None
        return None

    def value(self, node: ast.expr | None) -> Values:
        """What an expression may be, as far as the source says; nodes that it adds are noted."""
        return unique(self._value(node))[:MOST] if node is not None else []

    def _value(self, node: ast.expr) -> Values:
        match node:
            case ast.Constant():
                return [node.value]
            case ast.Name():
                if node.id in self.local:
                    return self.local[node.id]
                return [self.outer[node.id]] if node.id in self.outer else []
            case ast.Attribute():
                return self._attribute(node)
            case ast.Subscript():
                return picked(self.value(node.value), self.value(node.slice))
            case ast.IfExp():
                truth = self.truth(node.test)
                self.value(node.test)
                first = self.value(node.body) or [UNKNOWN] if truth is not False else []
                return first + (self.value(node.orelse) or [UNKNOWN] if truth is not True else [])
            case ast.Compare() | ast.UnaryOp(op=ast.Not()):
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Call):
                        self.value(inner)
                truth = self.truth(node)
                return [] if truth is None else [truth]
            case ast.UnaryOp(op=ast.USub()):
                return [-one for one in self.value(node.operand) if isinstance(one, int | float)]
            case ast.BoolOp():
                return [one for inner in node.values for one in self.value(inner) or [UNKNOWN]]
            case ast.JoinedStr():
                parts = [self.value(one) for one in node.values]
                return ["".join(map(str, one)) for one in choices(parts)]
            case ast.FormattedValue():
                return self.value(node.value)
            case ast.Tuple() | ast.List():
                parts = [self.value(one) or [UNKNOWN] for one in node.elts]
                if any(isinstance(one, ast.Starred) for one in node.elts):
                    return []
                return list(choices(parts)) if parts else [()]
            case ast.Dict():
                table: dict[Any, Any] = {}
                for key, inner in zip(node.keys, node.values, strict=True):
                    found, known = self.value(inner), self.value(key)
                    if key is None:  # **others
                        for other in found:
                            table |= other if isinstance(other, Mapping) else {Unknown(): Either(found)}
                    else:
                        name = known[0] if len(known) == 1 and isinstance(known[0], Hashable) else Unknown()
                        table[name] = found[0] if len(found) == 1 else Either(found)
                return [table]
            case ast.Call():
                return self._call(node)
            case ast.Lambda():
                self.enter(node, [], {})
                return [Inner(node, self)]
            case ast.ListComp() | ast.GeneratorExp() | ast.SetComp() | ast.DictComp():
                for generator in node.generators:
                    self.assign(generator.target, elements(self.value(generator.iter)))
                    for test in generator.ifs:
                        self.value(test)
                if isinstance(node, ast.DictComp):
                    self.value(node.key)
                    self.value(node.value)
                    return []
                return [tuple(self.value(node.elt))]
            case ast.Starred() | ast.NamedExpr():
                found = self.value(node.value)
                if isinstance(node, ast.NamedExpr):
                    self.assign(node.target, found)
                return found
            case ast.BinOp(op=ast.Add()):
                pairs_ = choices([self.value(node.left), self.value(node.right)])
                return [a + b for a, b in pairs_ if type(a) is type(b) and isinstance(a, str | tuple)]
        for inner in ast.iter_child_nodes(node):
            if isinstance(inner, ast.expr):
                self.value(inner)
        return []

    def _attribute(self, node: ast.Attribute) -> Values:
        base = self.value(node.value)
        made = any(isinstance(one, Instance) and one.fields for one in base)
        if node.attr in OWN_NAME and not made and all(isinstance(one, Instance | Unknown) for one in base):
            return [self.following.foreign]
        found = []
        for one in base:
            if isinstance(one, Instance) and node.attr in one.fields:
                found += one.fields[node.attr]
                continue
            if isinstance(one, Instance):
                found += self._member(one, inspect.getattr_static(one.kind, node.attr, None))
            elif inspect.isclass(one) or inspect.ismodule(one):
                found.append(inspect.getattr_static(one, node.attr, UNKNOWN))
        return found

    def _member(self, of: Instance, member: Any) -> Values:
        """A method of an object, or what a property of it may be."""
        if isinstance(member, property):
            return self.following.call(member.fget, [[of]], {}, self.depth + 1)
        member = getattr(member, "__func__", member)
        return [Method(of, member)] if inspect.isfunction(member) else []

    def _call(self, node: ast.Call) -> Values:
        args = [self.value(one) for one in node.args if not isinstance(one, ast.Starred)]
        for starred in node.args:
            if isinstance(starred, ast.Starred):
                self.value(starred.value)
        keywords = {one.arg: self.value(one.value) for one in node.keywords if one.arg}
        function = node.func
        if isinstance(function, ast.Attribute):
            place = self.following.adding.get(function.attr)
            if place is not None:
                self.following.found |= set(texts(args[place] if place < len(args) else []))
                return []
            if function.attr in LAYOUT:
                return []
            base = self.value(function.value)
            if function.attr in (*TEXT, "startswith", "endswith", "get", "values", "items", "keys"):
                return applied(function.attr, base, args)
        found: Values = []
        for one in self.value(function):
            match one:
                case Inner():
                    found += one.frame.enter(one.node, args, keywords)
                case Method():
                    given = [[one.of], *args]
                    found += self.following.call(one.function, given, keywords, self.depth + 1)
                case _ if inspect.isclass(one) and one.__module__.startswith("modelparity.formats"):
                    found.append(Instance(one, fields_of(one, args, keywords)))
                case _ if one in (tuple, list, sorted, reversed, set):
                    found += args[0] if args else [()]
                case _ if one is map and len(args) > 1:
                    results = self._mapped(args[0], elements(args[1]))
                    found.append(tuple(results))
                case _:
                    found += self.following.call(one, args, keywords, self.depth + 1)
        return found

    def _mapped(self, functions: Values, given: Values) -> Values:
        """What functions make of each of some values."""
        return [
            result
            for function in functions
            for one in given
            for result in self.following.call(function, [[one]], {}, self.depth + 1)
        ]
