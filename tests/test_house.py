"""The house rules of the design, checked on the sources themselves."""

from __future__ import annotations

import ast
import importlib
import re
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import modelparity
from modelparity.engine import operator

PACKAGE = Path(modelparity.__file__).parent
ROOT = PACKAGE.parent.parent
SOURCES = sorted(PACKAGE.rglob("*.py"))
FAMILIES = sorted((PACKAGE.parent / "modelparity_families").rglob("*.py"))
ALL = [
    *SOURCES,
    *FAMILIES,
    *(p for part in ("tests", "docs", "benchmarks") for p in sorted((ROOT / part).rglob("*.py"))),
]

#: The floors of the house, from the ground up. A room imports from the floors below it and from no room beside it.
FLOORS = (
    ("errors", "version", "cache"),
    ("graph", "files", "journal", "discovery"),
    ("engine", "exchange"),
    ("ops", "describe"),
    ("inputs", "streaming", "formats"),
    ("runtimes",),
    ("conversion", "verdict"),
    ("goldens", "repairing", "report"),
    ("audit", "stages"),
    ("family",),
    ("plugin",),
    ("commands",),
    ("cli", "pytest_plugin", "suite"),
)
FLOOR = {name: level for level, names in enumerate(FLOORS) for name in names}
FRAMEWORKS = {
    "torch",
    "onnx",
    "onnxruntime",
    "coremltools",
    "tensorflow",
    "jax",
    "keras",
    "pytorch_lightning",
}


def part(path):
    """The module or package right under modelparity that a source belongs to."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def dotted(path):
    """The name of a source as a module."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def statements(path):
    """(statement, whether at the top level of the module, whether for annotations only) of a source's imports."""
    found = []

    def visit(node, top, typing):
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.append((node, top, typing))
        top = top and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        typing = typing or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test))
        for inner in ast.iter_child_nodes(node):
            if not isinstance(inner, ast.expr):
                visit(inner, top, typing)

    visit(ast.parse(path.read_text(encoding="utf-8")), True, False)
    return found


def imports(path, *, typing=False):
    """(dotted absolute name, whether at the top level of the module) of everything a source imports.

    ``typing`` adds what is imported for annotations only.
    """
    package = list(path.relative_to(PACKAGE.parent).parts[:-1])
    for node, top, typed in statements(path):
        if typed and not typing:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, top) for alias in node.names)
            continue
        base = package[: len(package) - node.level + 1] if node.level else []
        stem = ".".join([*base, *([node.module] if node.module else [])])
        yield stem, top
        if typing or not node.module or stem == "modelparity":
            yield from ((f"{stem}.{alias.name}", top) for alias in node.names)


def modules_read(path, modules):
    """Those of ``modules`` that a source imports, or imports names of."""
    package = list(path.relative_to(PACKAGE.parent).parts[:-1])
    for node, *_ in statements(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        else:
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            found = {
                f"{stem}.{alias.name}" if f"{stem}.{alias.name}" in modules else stem for alias in node.names
            }
            yield from found & modules.keys()


def label(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", ALL, ids=label)
def test_no_file_is_long(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= 400, f"{label(path)} has {lines} lines: split it by what it does"


def test_no_file_is_a_drawer_for_anything():
    assert not [
        label(p) for p in ALL if p.stem.strip("_") in {"utils", "util", "helpers", "helper", "misc", "common"}
    ]


def test_the_formatter_lays_out_every_line():
    by_hand = re.compile(r"#\s*fmt:")
    assert not [label(p) for p in ALL if by_hand.search(p.read_text(encoding="utf-8"))]


def test_every_room_has_a_floor():
    rooms = {part(p) for p in SOURCES} - {"__init__", "__main__"}
    assert rooms == set(FLOOR), "FLOORS says on which floor each room of the package stands"


def test_imports_point_down():
    wrong = []
    for path in SOURCES:
        here = part(path)
        if here in ("__init__", "__main__"):
            continue
        for name, _ in imports(path, typing=True):
            there = name.split(".")[1] if name.startswith("modelparity.") else None
            if there in FLOOR and there != here and FLOOR[there] >= FLOOR[here]:
                where = "above it" if FLOOR[there] > FLOOR[here] else "beside it"
                wrong.append(f"{label(path)} imports {name}, which stands {where}")
    assert not wrong, "\n".join(wrong)


def test_no_module_imports_itself_through_others():
    """Imports for types count too: who reads the one file must be able to stop somewhere."""
    modules = {dotted(path): path for path in (*SOURCES, *FAMILIES)}
    reads = {name: set(modules_read(path, modules)) - {name} for name, path in modules.items()}
    sorter = TopologicalSorter(reads)
    try:
        sorter.prepare()
    except CycleError as error:
        pytest.fail("a circle of imports: " + " -> ".join(error.args[1]))


def test_frameworks_stay_in_their_formats_and_runtimes():
    wrong = [
        f"{label(path)} imports {name}"
        for path in SOURCES
        for name, _ in imports(path)
        if name.split(".")[0] in FRAMEWORKS and part(path) not in ("formats", "runtimes")
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", operator.names())
def test_an_operator_module_exports_the_operator_of_its_name(name):
    module = importlib.import_module(f"modelparity.ops.{name}")
    found = getattr(module, name).operator
    assert found is operator.find(name)
    assert (found.name, found.kernel) == (name, getattr(module, name))
    doc = found.doc
    assert "->" in doc, "the docstring has no line 'inputs (axes) -> output (axes)'"
    assert "(" in doc
    assert ")" in doc
    assert "Source: " in doc, "the docstring names no source"
    assert module.__doc__, "the module says in no line what it is"


@pytest.mark.parametrize("name", operator.names())
def test_an_operator_has_a_test_of_its_own(name):
    tests = list((ROOT / "tests" / "ops").glob("test_*.py"))
    named = any(f'"{name}"' in p.read_text(encoding="utf-8") for p in tests)
    assert named, f"no test under tests/ops applies {name!r}"


@pytest.mark.parametrize("path", SOURCES, ids=label)
def test_every_source_says_what_it_is_and_defers_annotations(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "a module starts with a line that says what it is"
    if len(tree.body) > 1:
        assert ("__future__", True) in set(imports(path))


#: What a format's folders and modules are called that turn the words of its files into operators, or operators into
#: such words.
TABLES = {"translate", "layers", "lowerings", "modules", "aten", "counterparts.py"}
#: The catalogue of faults says of operators by name what is got wrong about them, as a format's table says what they
#: are called there; no operator could declare what others are taken for it.
MISTAKES = ("modelparity", "verdict", "faults")
#: Modules beside them that name several operators, each with the reason. One that names none fails the test.
NAMING = {
    "modelparity/formats/coreml/write/activations.py": "activations as MIL has them",
    "modelparity/formats/madmom/allowed_globals.py": "globals that a madmom pickle may name",
    "modelparity/formats/madmom/layer_registry.py": "activations of madmom",
    "modelparity/formats/onnx/activations.py": "activations as ONNX has them",
    "modelparity/formats/rtneural/network.py": "layer types of RTNeural",
    "modelparity/formats/rtneural/layer_registry.py": "activations of RTNeural",
    "modelparity/formats/rtneural/suspicions.py": "layer types of RTNeural",
    "modelparity/formats/rtneural/writing/chain.py": "layer types of RTNeural",
    "modelparity/formats/rtneural/writing/lowering.py": "what RTNeural has instead of an operator",
    "modelparity/formats/rtneural/writing/writer.py": "the nodes that make an RTNeural softmax",
    "modelparity/formats/torch/cells.py": "activations as PyTorch has them",
    "modelparity/formats/torch/read/values.py": "Python's operators on sizes",
    "modelparity/formats/torch/read/recurrence.py": "ATen's recurrent calls",
    "modelparity/formats/torch/read/tracing.py": "ATen calls that stay whole when a module is exported",
    "modelparity/formats/torch/read/vetting.py": "Python's operators on sizes",
    "modelparity/report/picture.py": "shapes of a plot's markers",
    "modelparity_families/performance/audio/muq/module.py": "activations of MuQ as PyTorch has them",
    "modelparity_families/performance/audio/muq/sizes.py": "activations as MuQ's configuration has them",
    "modelparity_families/realtime/network.py": "activations of the family's own networks",
    "modelparity_families/realtime/stack.py": "layer kinds of the family's own files",
}


def operators_listed(source):
    """(line, operators) of every tuple, list, set or mapping, and of every function's questions for an operator, that
    names two operators or more."""
    known = set(operator.names())

    def named(nodes):
        return {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)} & known

    for node in ast.walk(ast.parse(source)):
        found = set()
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            found = named(node.elts)
        elif isinstance(node, ast.Dict):
            found = max(named(node.keys), named(node.values), key=len)
        elif isinstance(node, ast.Match):
            found = named(ast.walk(node))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for one in ast.walk(node):
                sides = [one.left, *one.comparators] if isinstance(one, ast.Compare) else []
                if any(isinstance(side, ast.Attribute) and side.attr == "op" for side in sides):
                    found |= named(sides)
        if len(found) > 1:
            yield node.lineno, sorted(found)


def test_no_module_lists_what_operators_declare_themselves():
    wrong, used = [], set()
    for path in sorted(PACKAGE.parent.rglob("*.py")):
        place = path.relative_to(PACKAGE.parent)
        if place.parts[:2] == ("modelparity", "ops"):
            continue
        if place.parts[:2] == ("modelparity", "formats") and TABLES & set(place.parts):
            continue
        if place.parts[:3] == MISTAKES:
            continue
        for line, found in operators_listed(path.read_text(encoding="utf-8")):
            if place.as_posix() in NAMING:
                used.add(place.as_posix())
            else:
                wrong.append(f"{label(path)}, line {line} lists {', '.join(found[:6])}")
    assert not wrong, "declare it as a fact of the operators (engine/facts.py):\n" + "\n".join(wrong)
    assert not set(NAMING) - used, "these modules name no operators any more: take them out of NAMING"


@pytest.mark.parametrize(
    "source",
    [
        'RECURRENT = ("rnn", "lstm")',
        'if node.op in {"squeeze", "reshape"}: pass',
        'LOOKUPS = {"gather": "x", "embedding": "table"}',
        'WINDOWS = frozenset(["conv", "pad"])',
        'def size(node):\n    if node.op == "lstm":\n        return 2\n    return 1 if node.op == "gru" else 0',
        'match node.op:\n    case "add" | "sub":\n        pass\n    case _:\n        pass',
    ],
)
def test_a_list_of_operators_is_seen(source):
    assert list(operators_listed(source))
    assert not list(operators_listed('if node.op == "transpose" and kind in ("time", "batch"): pass'))
