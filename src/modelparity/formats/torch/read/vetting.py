"""The description of a program in a .pt2 archive, vetted and cleaned before PyTorch gets to see it.

`torch.export.load` evaluates sizes as Python expressions, looks operators up by attribute anywhere below ``torch``,
and writes names into Python source that it executes. So nothing is passed on but operators of ATen and arithmetic
on sizes, names that are identifiers, and expressions of the forms that PyTorch itself writes; what PyTorch keeps
for debugging is dropped.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable
from typing import Any

from ....errors import ArtefactError

IDENTIFIER = re.compile(r"[A-Za-z_]\w{0,400}\Z", re.ASCII)
DOTTED = re.compile(r"\w{1,200}(\.\w{1,200}){0,60}\Z", re.ASCII)
SYMBOL = re.compile(r"[a-z]{1,4}\d{1,9}\Z", re.ASCII)
OPERATOR = re.compile(r"torch\.ops\.aten\.(\w+)\.(\w+)\Z", re.ASCII)
#: Functions on sizes that a program may call.
ARITHMETIC = {
    *(
        f"_operator.{name}"
        for name in (
            "add",
            "sub",
            "mul",
            "floordiv",
            "mod",
            "neg",
            "truediv",
            "pow",
            "getitem",
            "eq",
            "ne",
            "lt",
            "le",
            "gt",
            "ge",
            "and_",
            "or_",
            "not_",
        )
    ),
    *(f"torch.sym_{name}" for name in ("max", "min", "int", "float", "not", "ite")),
    *(f"math.{name}" for name in ("ceil", "floor", "trunc")),
}
#: Functions of sympy and PyTorch that stand in expressions of sizes.
FUNCTIONS = {
    "Symbol",
    "Integer",
    "Float",
    "Rational",
    "Add",
    "Mul",
    "Pow",
    "Max",
    "Min",
    "Mod",
    "PythonMod",
    "FloorDiv",
    "CleanDiv",
    "CeilDiv",
    "IntTrueDiv",
    "FloatTrueDiv",
    "ModularIndexing",
    "ToFloat",
    "TruncToInt",
    "CeilToInt",
    "FloorToInt",
    "Identity",
    "Where",
    "Eq",
    "Ne",
    "Lt",
    "Le",
    "Gt",
    "Ge",
    "Equality",
    "Unequality",
    "And",
    "Or",
    "Not",
    "StrictLessThan",
    "LessThan",
    "StrictGreaterThan",
    "GreaterThan",
    "floor",
    "ceiling",
}
ASSUMPTIONS = {"positive", "integer", "nonnegative", "negative", "real", "zero", "precision", "evaluate"}
#: Containers that arguments and results may stand in.
CONTAINERS = {"builtins.tuple", "builtins.list", "builtins.dict", "collections.OrderedDict", None}
#: Texts that mean nothing to PyTorch's loader but themselves, by key.
FREE = {"as_string", "as_strings", "torch_version"}
#: Dictionaries whose keys are names of values.
NAMED = {"tensor_values", "sym_int_values", "sym_float_values", "sym_bool_values"}
REFUSED = {"as_custom_obj", "custom_obj", "as_operator", "as_graph"}
LONGEST_EXPRESSION, LARGEST_POWER, LARGEST_NUMBER = 4000, 8, 1 << 63


class Vetting:
    """One description; ``known`` says which operators of ATen may stand in it."""

    def __init__(self, where: str, known: Callable[[str, str], bool]) -> None:
        self.where, self.known = where, known

    def program(self, text: bytes) -> dict[str, Any]:
        """The description as it may be passed on. Raises `ArtefactError`."""
        program = parsed(text, self.where)
        program.update(guards_code=[])
        module = program.get("graph_module")
        if not isinstance(module, dict):
            raise self.error("the archive describes no program")
        module.update(metadata={}, treespec_namedtuple_fields={})
        try:
            cleaned: dict[str, Any] = self._cleaned(program, "")
        except RecursionError:
            raise self.error("a description that nests without end") from None
        return cleaned

    def error(self, what: str, found: object = None) -> ArtefactError:
        """The refusal of something in the description."""
        shown = None if found is None else repr(found)[:120]
        return ArtefactError(
            f"{what}; nothing of the file was executed",
            where=self.where,
            found=shown,
            fix="if you trust it, load it with torch.export.load and give modelparity the program",
        )

    def _cleaned(self, value: Any, key: str) -> Any:
        if key in REFUSED:
            raise self.error(f"the program holds what is no tensor ({key})", value)
        if isinstance(value, str):
            return self._text(value, key)
        if isinstance(value, list):
            return [self._cleaned(one, key) for one in value]
        if not isinstance(value, dict):
            return value
        if key in ("device", "as_device"):
            return {"type": "cpu", "index": None}
        if key == "metadata":
            stack = value.get("nn_module_stack")
            legible = isinstance(stack, str) and len(stack) < 100_000 and stack.isprintable()
            return {"nn_module_stack": stack} if legible else {}
        rule = IDENTIFIER if key in NAMED else SYMBOL if key == "range_constraints" else DOTTED
        for name in value:
            if not rule.match(name):
                raise self.error("a name that is none", name)
        return {name: self._cleaned(one, name if key not in NAMED else "") for name, one in value.items()}

    def _text(self, text: str, key: str) -> str:
        if key == "target":
            self._target(text)
        elif key == "expr_str":
            expression(text, self.error)
        elif key in ("in_spec", "out_spec"):
            self._containers(parsed(text.encode(), self.where, kind=list))
        elif key in ("name", "as_name", "forward_arg_names"):
            if not IDENTIFIER.match(text):
                raise self.error("a name that is none", text)
        elif key in ("fqn", "parameter_name", "buffer_name", "tensor_constant_name"):
            if text and not DOTTED.match(text):
                raise self.error("a name that is none", text)
        elif key == "verifiers":
            if text not in ("", "ATEN", "TRAINING"):
                raise self.error("a program of another dialect", text)
        elif key == "as_float":  # PyTorch's way of writing what JSON has no number for
            if text not in ("Infinity", "-Infinity", "NaN"):
                raise self.error("a number that is none", text)
        elif key not in FREE or len(text) > 10_000:
            raise self.error(f"text where none belongs ({key})", text)
        return text

    def _target(self, text: str) -> None:
        match = OPERATOR.match(text)
        if text not in ARITHMETIC and not (match and self.known(match[1], match[2])):
            raise self.error("a program may only call operators of ATen that are read", text)

    def _containers(self, spec: Any) -> None:
        """[protocol, {"type": ..., "context": ..., "children_spec": [...]}]"""
        todo = spec[1:]
        while todo:
            one = todo.pop()
            if not isinstance(one, dict) or one.get("type") not in CONTAINERS:
                found = one.get("type") if isinstance(one, dict) else one
                raise self.error("arguments or results in a container that is not read", found)
            todo += one.get("children_spec") or []


def parsed(text: bytes, where: str, kind: type = dict) -> Any:
    """JSON as an object or a list. Raises `ArtefactError` if it is not that."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ArtefactError(f"not JSON that can be read: {str(error)[:200]}", where=where) from None
    if not isinstance(value, kind):
        raise ArtefactError(
            "not what belongs here", where=where, found=type(value).__name__, expected=kind.__name__
        )
    return value


def expression(text: str, error: Callable[[str, object], ArtefactError]) -> None:
    """Raise ``error`` unless ``text`` is arithmetic on sizes and nothing else."""
    try:
        tree = (
            ast.parse(text[: LONGEST_EXPRESSION + 1], mode="eval")
            if len(text) <= LONGEST_EXPRESSION
            else None
        )
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        tree = None
    if tree is None or not all(map(_allowed, ast.walk(tree))):
        raise error("a size that is no arithmetic", text)


def _allowed(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
            return False
        if node.func.id == "Symbol":
            return len(node.args) == 1 and isinstance(node.args[0], ast.Constant)
        return node.func.id != "Pow" or (len(node.args) == 2 and _small(node.args[1]))
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            return bool(SYMBOL.match(node.value)) or node.value.replace(".", "").isdigit()
        return isinstance(node.value, bool) or (
            isinstance(node.value, int | float) and abs(node.value) <= LARGEST_NUMBER
        )
    if isinstance(node, ast.Name):
        return node.id in FUNCTIONS or bool(SYMBOL.match(node.id))
    if isinstance(node, ast.keyword):
        return node.arg in ASSUMPTIONS
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div | ast.FloorDiv | ast.Mod)
    kinds = (ast.Expression, ast.UnaryOp, ast.USub, ast.operator, ast.Load)
    return isinstance(node, kinds) and not isinstance(node, ast.Pow | ast.LShift | ast.MatMult)


def _small(node: ast.expr) -> bool:
    """A whole number as an exponent: Integer(2), Integer(-1), or bare."""
    inner = node.args[0] if isinstance(node, ast.Call) and len(node.args) == 1 else node
    try:
        value = ast.literal_eval(inner)
    except (ValueError, TypeError):
        return False
    return isinstance(value, int) and abs(value) <= LARGEST_POWER
