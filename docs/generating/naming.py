"""Which operators of the engine a translator can name, found by following its source instead of running it.

A translator is a function that a reader's registry has under the name of a foreign operator. It is followed with that
name known, so that ``TABLE[op.type]`` and ``if op.type == "Elu"`` come to what they are for that operator, through
functions that it calls within `modelparity.formats`. Where the source does not decide, all that may be is taken:
what is found is everything that the translator can name, in whatever form the operator comes.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import inspect
import itertools
import textwrap
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from typing import Any

#: Methods that add a node -> which of their arguments names the operator.
ADDING = {"give": 0, "temp": 0, "temps": 0, "emit": 0, "emit_all": 0, "several": 0, "node": 1}
#: What translators call the name of the operator that they were called for.
OWN_NAME = {"type", "op", "kind"}
#: Methods that turn or reshape an operand. What they add is how formats differ, not what the operator means.
LAYOUT = {"turned", "shaped", "laid"}
#: Values that are followed of one expression, and calls within calls.
MOST, DEEPEST = 400, 12
TEXT = ("removeprefix", "removesuffix", "split", "lower", "strip", "partition", "rpartition", "replace")
Values = list[Any]


class Unknown:
    """A value of which the source says nothing."""

    def __repr__(self) -> str:
        return "?"


UNKNOWN = Unknown()


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


class Frame:
    """One call being followed: what each local name may be, and what may be returned."""

    def __init__(self, following: Following, outer: Mapping[str, Any], depth: int) -> None:
        self.following, self.outer, self.depth = following, outer, depth
        self.local: dict[str, Values] = {}
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

    # Statements.

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

    # Expressions.

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


class Instance:
    """An object of a class, of which its methods are known, and the fields that it was made with."""

    def __init__(self, kind: type, fields: Mapping[str, Values] | None = None) -> None:
        self.kind, self.fields = kind, dict(fields or {})

    def __repr__(self) -> str:
        return f"<{self.kind.__name__} {self.fields}>" if self.fields else f"<{self.kind.__name__}>"


def fields_of(kind: type, args: list[Values], keywords: Mapping[str, Values]) -> dict[str, Values]:
    """The fields of a dataclass that is made so; none of another class."""
    if not dataclasses.is_dataclass(kind):
        return {}
    names = [one.name for one in dataclasses.fields(kind)]
    return dict(zip(names, args, strict=False)) | dict(keywords)


class Method:
    """A method of such an object."""

    def __init__(self, of: Instance, function: Any) -> None:
        self.of, self.function = of, function


class Inner:
    """A function within a function."""

    def __init__(self, node: ast.FunctionDef | ast.Lambda, frame: Frame) -> None:
        self.node, self.frame = node, frame


class Either(list[Any]):
    """What an entry of a table may be."""


def unique(values: Sequence[Any]) -> Values:
    """Without repetitions, in order."""
    found: dict[str, Any] = {}
    for value in values:
        for one in value if isinstance(value, Either) else [value]:
            found.setdefault(f"{type(one).__name__} {one!r}", one)
    return list(found.values())


def choices(parts: Sequence[Values]) -> Iterator[tuple[Any, ...]]:
    """One of each, in every way, as many as are followed."""
    return itertools.islice(itertools.product(*parts), MOST)


def elements(values: Values) -> Values:
    """What stands in lists, tuples and tables."""
    return [one for value in values if isinstance(value, tuple | list | dict | set) for one in value]


def picked(bases: Values, keys: Values) -> Values:
    """What subscripts give: all entries of a table if none of the keys is known to be in it."""
    found: Values = []
    for base in bases:
        if isinstance(base, Mapping):
            hits = [base[key] for key in keys if isinstance(key, Hashable) and key in base]
            found += hits if hits and len(hits) == len(keys) else list(base.values())
        elif isinstance(base, tuple | list):
            hits = [base[key] for key in keys if isinstance(key, int) and -len(base) <= key < len(base)]
            found += hits if hits and len(hits) == len(keys) else list(base)
    return found


def applied(method: str, bases: Values, args: list[Values]) -> Values:
    """A method of texts and tables."""
    found: Values = []
    for base in bases:
        if isinstance(base, str) and method in (*TEXT, "startswith", "endswith"):
            for chosen in choices(args):
                if all(isinstance(one, str | int | tuple) for one in chosen):
                    found.append(getattr(base, method)(*chosen))
        elif isinstance(base, Mapping):
            if method == "get":
                found += picked([base], args[0] if args else []) + (args[1] if len(args) > 1 else [])
            elif method in ("values", "items", "keys"):
                found.append(tuple(getattr(base, method)()))
    return found


def holds_unknown(value: Any) -> bool:
    """Whether part of a value is unknown."""
    return isinstance(value, Unknown | Instance) or (
        isinstance(value, tuple | list) and any(holds_unknown(one) for one in value)
    )


def compared(how: ast.cmpop, left: Any, right: Any) -> bool | None:
    """A comparison of two known values."""
    try:
        match how:
            case ast.Eq():
                return bool(left == right)
            case ast.NotEq():
                return bool(left != right)
            case ast.In():
                return bool(left in right)
            case ast.NotIn():
                return bool(left not in right)
    except TypeError:
        pass
    return None


def texts(values: Values) -> Iterator[str]:
    """Every text among some values."""
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple | list | set):
            yield from texts(list(value))
