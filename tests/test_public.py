"""What is public: docs/public.md lists it, it is there, typed and documented, and families import nothing else."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import modelparity

ROOT = Path(__file__).parents[1]
#: With more parameters than these a docstring describes each.
MANY = 4
FAMILIES = sorted((ROOT / "src" / "modelparity_families").rglob("*.py"))
PAGE = (ROOT / "docs" / "public.md").read_text("utf-8")
#: {module: names that its row offers}
LISTED = {
    row[1]: set(re.findall(r"`(\w+)`", row[2]))
    for row in re.finditer(r"^\| `(modelparity[\w.]*)` \| (.*) \|$", PAGE, re.MULTILINE)
}

#: Marks of functions that read and write operators, as the page on operators lists them.
OPERATORS = (ROOT / "docs" / "extending" / "operator.md").read_text("utf-8")
MARKS = {row[1] for row in re.finditer(r"^\| `\S+` \| `(\S+)` \|", OPERATORS, re.MULTILINE)}
#: (page, number, code) of the examples for other packages.
EXAMPLES = [
    pytest.param(code, id=f"{page.stem}-{number}")
    for page in sorted((ROOT / "docs" / "extending").glob("*.md"))
    for number, code in enumerate(re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.M | re.S))
]


def taken(source: str) -> Iterator[tuple[int, str, str]]:
    """(line, module, name) of everything of modelparity that a source imports, for types too; "" for a module."""
    tree = ast.parse(source)
    aliases: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name == "modelparity":
                    aliases.add(alias.asname or alias.name)
                elif alias.name.startswith("modelparity."):
                    yield node.lineno, alias.name, ""
        elif isinstance(node, ast.ImportFrom) and not node.level:
            module = node.module or ""
            if module == "modelparity" or module.startswith("modelparity."):
                yield from ((node.lineno, module, alias.name) for alias in node.names)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in aliases:
            yield node.lineno, "modelparity", node.attr


def private(source: str) -> list[str]:
    """What a source takes of modelparity that is not public."""
    return [
        f"line {line}: {module}{name and '.'}{name}"
        for line, module, name in taken(source)
        if name not in (modelparity.__all__ if module == "modelparity" else LISTED.get(module, ()))
        and f"{module}.{name}" not in LISTED
        and f"{module}.{name}" not in MARKS
    ]


@pytest.mark.parametrize("path", FAMILIES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_families_import_public_names_only(path: Path) -> None:
    assert not private(path.read_text("utf-8"))


@pytest.mark.parametrize(
    "line",
    [
        "from modelparity.verdict.floor import measure",
        "from modelparity.graph.graph import Graph",
        "from modelparity.graph import _stable",
        "from modelparity import verdict",
        "import modelparity.engine.run",
        "import modelparity as mp\nmp.engine.run",
        "def late():\n    from modelparity.engine.run import run",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from modelparity.engine.program import Program",
    ],
)
def test_what_is_not_public_is_seen(line: str) -> None:
    assert private(line)


@pytest.mark.parametrize(
    "line",
    [
        "from modelparity import Graph, check, errors",
        "from modelparity.graph import Array, Graph",
        "import modelparity as mp\nmp.check",
        "from modelparity_families.madmom import FAMILY",
        "from ..graph import anything",
    ],
)
def test_what_is_public_passes(line: str) -> None:
    assert not private(line)


@pytest.mark.parametrize("code", EXAMPLES)
def test_examples_for_other_packages_import_public_names_only(code: str) -> None:
    assert not private(code)


@pytest.mark.parametrize("mark", sorted(MARKS))
def test_a_mark_is_there(mark: str) -> None:
    module, _, name = mark.rpartition(".")
    assert name in vars(importlib.import_module(module))


def test_the_page_lists_modules() -> None:
    assert len(EXAMPLES) >= 4
    assert {"modelparity.formats.onnx.read.node.reads", "modelparity.formats.onnx.lowering.lowers"} <= MARKS
    assert PAGE.count("\n| `modelparity") == len(LISTED), "each module has one row"
    assert len(LISTED) >= 10
    assert {"modelparity.errors", "modelparity.graph", "modelparity.family"} <= set(LISTED)


@pytest.mark.parametrize("name", LISTED)
def test_a_listed_module_offers_what_the_page_says(name: str) -> None:
    module = importlib.import_module(name)
    assert inspect.getdoc(module), "a public module says what it is"
    assert set(module.__all__) == LISTED[name], "the page and __all__ name the same"


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module, names in LISTED.items() for name in sorted(names)]
)
def test_a_public_name_is_typed_and_documented(module: str, name: str) -> None:
    found = vars(importlib.import_module(module))[name]
    if inspect.isclass(found):
        assert inspect.getdoc(found)
        for key, member in vars(found).items():
            if key[0] != "_" and (inspect.isfunction(member) or isinstance(member, property)):
                _told(member.fget if isinstance(member, property) else member, f"{name}.{key}")
    elif callable(found) and inspect.isfunction(found):
        _told(found, name)


@pytest.mark.parametrize("name", modelparity.__all__)
def test_what_the_package_itself_offers_is_typed_and_documented(name: str) -> None:
    if inspect.isfunction(found := getattr(modelparity, name)):
        _told(found, name)


def _told(function: object, name: str) -> None:
    assert inspect.isfunction(inspect.unwrap(function)), name  # type: ignore[arg-type]
    assert inspect.getdoc(function), f"{name} has no docstring"
    signature = inspect.signature(function)  # type: ignore[arg-type]
    assert signature.return_annotation is not inspect.Signature.empty, f"{name}: what does it return?"
    for one in signature.parameters.values():
        assert one.name == "self" or one.annotation is not inspect.Parameter.empty, f"{name}: {one.name}"
    parameters = [one for one in signature.parameters if one != "self"]
    if len(parameters) > MANY:
        told = inspect.getdoc(function) or ""
        missing = [one for one in parameters if not re.search(rf"^ +\**{one}: ", told, re.MULTILINE)]
        missing += [part for part in ("Args:", "Returns:", "Raises:") if f"\n{part}\n" not in told]
        assert not missing, f"{name} has many parameters; its docstring lacks {', '.join(missing)}"
