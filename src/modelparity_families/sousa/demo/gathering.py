"""The Space as a folder: its own files, weights, and the sources that it runs, which no registry has yet."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from modelparity.errors import InputError, Unavailable
from modelparity.stages import Networks, Numeric, Pipeline

from ..pipelines import pipeline
from .weights import complete, written

#: The Space's own files, as the repository has them below spaces/sousa, and setup.py puts them into a wheel.
SPACE = ("README.md", "requirements.txt", "app.py")
PACKED = Path(__file__).with_name("space")
PACKAGES = ("modelparity", "modelparity_families")
#: Folders of what is gathered: whatever else lies there in a Space is of a gathering before.
OWNED = (*PACKAGES, "weights")
#: Where packages lie.
SOURCES = Path(__file__).parents[3]


def gathered(weights: Path, to: Path) -> list[Path]:
    """Write all that the Space needs into the folder ``to``, and return the files, sorted.

    These are its own files, the ``weights`` of a folder as safetensors, every module that ``app.py`` imports, itself
    or through others, inside functions too, and the operators of the networks. Raises `InputError` for a folder that
    is not empty, `ArtefactError` for weights that lack or are damaged, and `Unavailable` for an installation
    without the Space.
    """
    folder = complete(weights)
    space = _space()
    if to.is_dir() and (others := sorted(path.name for path in to.iterdir())):
        raise InputError(
            "this folder is not empty", where=to, found=", ".join(others[:5]), fix="name another one"
        )
    names = [*_imported((space / "app.py").read_text("utf-8")), *_operators(pipeline(folder))]
    pairs = [(space / name, to / name) for name in SPACE]
    pairs += [(path, to / path.relative_to(SOURCES)) for path in modules(names)]
    for source, target in pairs:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    return sorted([target for _, target in pairs] + written(folder, to / "weights"))


def modules(names: Iterable[str]) -> list[Path]:
    """The sources of these modules of ours and of all that they import, sorted; imports for types alone are none."""
    found: dict[str, Path] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        path = _source(name)
        if name in found or path is None:
            continue
        found[name] = path
        parent = name.rpartition(".")[0]
        package = name if path.name == "__init__.py" else parent
        waiting += [parent, *_imported(path.read_text("utf-8"), package)]
    return sorted(set(found.values()))


def _space() -> Path:
    for folder in (SOURCES.parent / "spaces" / "sousa", PACKED):  # the checkout, if the package lies in one
        if all((folder / name).is_file() for name in SPACE):
            return folder
    raise Unavailable(
        "the files of the Space are not here",
        where=PACKED,
        fix="install modelparity again, from a wheel or a checkout",
    )


def _operators(own: Pipeline) -> Iterator[str]:
    """Modules of the operators that the pipeline's graphs are made of, which are found by name when they run."""
    graphs = [member.load() for stage in own.parts if isinstance(stage, Networks) for member in stage.members]
    graphs += [stage.graph() for stage in own.parts if isinstance(stage, Numeric)]
    yield from {f"modelparity.ops.{node.op}" for graph in graphs for node in graph.nodes}


def _source(name: str) -> Path | None:
    """The file of a module of ours."""
    if name.partition(".")[0] not in PACKAGES:
        return None
    path = SOURCES.joinpath(*name.split("."))
    return next((one for one in (path / "__init__.py", path.with_suffix(".py")) if one.is_file()), None)


@cache
def _imported(source: str, package: str = "") -> frozenset[str]:
    """Names of all that a source imports, as modules or out of modules, but for what stands under TYPE_CHECKING."""
    found: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            waiting += node.orelse
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            base = parts[: len(parts) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
        elif not isinstance(node, ast.expr):
            waiting += ast.iter_child_nodes(node)
    return frozenset(found)
