"""A tree of goldens for families of models: what is fresh, missing, stale or orphaned; create and update.

    <root>/<family>/<model key>/<recipe>-s<seed>-l<length>.safetensors     (no -l without a time axis)

Every state is decided from the file's content, the model and the family's listing, never from which tests
ran: so partial runs and parallel workers all see the same, and nothing is deleted because it was not asked for.

========  ========================================================================================
fresh     recorded from the very model that the family lists
missing   a model and recipe that the family lists, without a file
stale     the model or the engine has changed since; the reason says what
damaged   the file is not readable, or its content is not what its name says
orphan    its model is no longer listed by its family, or no longer takes this recipe and length
unknown   the model or its family is not here (or does not load), so nothing can be said
========  ========================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..errors import GoldenError, InputError, ModelparityError
from ..files import replace_file
from ..graph import Graph
from ..inputs import length_of
from .folder_layout import PIPELINES, STATES, SUFFIX, Case, Entry, Family, Model, Wanted, case_for, path_for
from .recording import Golden, golden
from .safetensors_file import encode

__all__ = [
    "STATES",
    "Case",
    "Entry",
    "Families",
    "Family",
    "Model",
    "Wanted",
    "case_for",
    "create_missing",
    "path_for",
    "prune",
    "status",
    "update",
]

EVERYTHING = Wanted()
Families = Iterable[Family] | Mapping[str, Family]
#: Called as (entry, index, total) before an entry is recorded.
Progress = Callable[[Entry, int, int], None]


def status(root: str | Path, families: Families, wanted: Wanted = EVERYTHING) -> tuple[Entry, ...]:
    """The state of every golden that ``families`` ask for and of every file under ``root``, by path.

    What is ``wanted`` never hides an orphan. Files under a family that is not among ``families`` are unknown.
    Reads every file whole; loads every selected model. Writes nothing.
    """
    listed = _listed(families)
    entries: list[Entry] = []
    for family in listed:
        models = {model.key: model for model in family.models()}
        files = _files(root, family.name)
        for key, model in models.items():
            if wanted.select(family.name, key):
                entries += _of_model(root, family.name, model, files.get(key, set()), wanted)
        for key in set(files) - set(models):
            reason = f"the family {family.name!r} lists no model {key!r}"
            entries += [_entry(path, family.name, key, "orphan", reason) for path in files[key]]
    known = {family.name for family in listed}
    for folder in sorted(Path(root).iterdir()) if Path(root).is_dir() else []:
        if folder.is_dir() and folder.name not in known and not folder.name.startswith("."):
            for key, paths in _files(root, folder.name).items():
                reason = f"the family {folder.name!r} is not here"
                entries += [_entry(path, folder.name, key, "unknown", reason) for path in paths]
    return tuple(sorted(entries, key=lambda entry: entry.path.as_posix()))


def create_missing(
    root: str | Path, families: Families, wanted: Wanted = EVERYTHING, *, progress: Progress | None = None
) -> tuple[Entry, ...]:
    """Record what is missing and touch nothing else; arguments as for `status`.

    Returns the entries that were written, as they stood before. Several processes may do this at once.
    """
    families = _listed(families)
    entries = status(root, families, wanted)
    return _record(families, [entry for entry in entries if entry.state == "missing"], progress)


def update(
    root: str | Path, families: Families, wanted: Wanted = EVERYTHING, *, progress: Progress | None = None
) -> tuple[Entry, ...]:
    """Record everything anew whose model is here, cases of other seeds and lengths found on disk included.

    A file that would come out the same is left as it is. Orphans, unknown ones and damaged files whose name
    says no case are not touched. Returns the entries that were written, as they stood before. Arguments as
    for `status`.
    """
    families = _listed(families)
    entries = status(root, families, wanted)
    lost = [entry for entry in entries if entry.state == "damaged" and entry.case is None]
    here = [e for e in entries if e.state not in ("orphan", "unknown") and e not in lost]
    return _record(families, here, progress)


def prune(root: str | Path, families: Families) -> tuple[Entry, ...]:
    """Delete orphans, and only them; returns what was deleted. Nothing else in this package deletes a golden."""
    orphans = [entry for entry in status(root, families) if entry.state == "orphan"]
    for entry in orphans:
        entry.path.unlink(missing_ok=True)
    return tuple(orphans)


def _listed(families: Families) -> list[Family]:
    return list(families.values() if isinstance(families, Mapping) else families)


def _files(root: str | Path, family: str) -> dict[str, set[Path]]:
    """{model key: its files} under a family's folder, but for those of pipelines."""
    found: dict[str, set[Path]] = {}
    base = Path(root, family)
    for path in base.rglob("*" + SUFFIX):
        if not path.name.startswith(".") and not path.name.endswith(PIPELINES):
            found.setdefault(path.parent.relative_to(base).as_posix(), set()).add(path)
    return found


def _entry(path: Path, family: str, key: str, state: str, reason: str = "") -> Entry:
    return Entry(path, family, key, Case.parse(path.name.removesuffix(SUFFIX)), state, reason)


def _of_model(
    root: str | Path,
    family: str,
    model: Model,
    files: set[Path],
    wanted: Wanted,
) -> Iterator[Entry]:
    try:
        graph = model.load()
    except ModelparityError as error:
        # Whether it is not to be had or not readable: its goldens may be right, and are left alone.
        for path in files or {Path(root, family, *model.key.split("/"))}:
            yield _entry(path, family, model.key, "unknown", str(error))
        return
    for recipe in wanted.recipes or model.recipes:
        path = path_for(root, family, model.key, case_for(graph, recipe, wanted.seed, wanted.length))
        if path not in files:
            yield _entry(path, family, model.key, "missing")
    for path in files:
        yield _judged(_entry(path, family, model.key, "fresh"), graph)


def _judged(entry: Entry, graph: Graph) -> Entry:
    if entry.case is not None and (reason := _refusal(graph, entry.case)):
        return replace(entry, state="orphan", reason=reason)
    try:
        found = Golden.load(entry.path)
    except GoldenError as error:
        return replace(entry, state="damaged", reason=str(error))
    about = found.provenance
    if about["recipe"] is not None:
        said = Case(about["recipe"], about["seed"], about["length"])
        if said != entry.case:
            return replace(
                entry, state="damaged", reason=f"the file is named otherwise than what it holds: {said}"
            )
    try:
        found.expect_fresh(graph)
    except GoldenError as error:
        return replace(entry, state="stale", reason=str(error.found))
    return entry


def _refusal(graph: Graph, case: Case) -> str:
    """Why the model can no longer be given this case, if so."""
    try:
        length = length_of(graph, case.recipe, case.length)
    except InputError as error:
        return str(error)
    return "" if length == case.length else f"{case.recipe} comes to length {length} now"


def _record(
    families: Sequence[Family], entries: Sequence[Entry], progress: Progress | None
) -> tuple[Entry, ...]:
    models = {(family.name, model.key): model for family in families for model in family.models()}
    written = []
    for index, entry in enumerate(entries):
        if progress is not None:
            progress(entry, index, len(entries))
        made = _made(entry, models[entry.family, entry.model].load())
        data = encode(made)
        if entry.state == "missing" or data != entry.path.read_bytes():
            replace_file(entry.path, data, GoldenError)
            written.append(entry)
    return tuple(written)


def _made(entry: Entry, graph: Graph) -> Golden:
    if entry.case is not None:
        return golden(graph, recipe=entry.case.recipe, seed=entry.case.seed, length=entry.case.length)
    return golden(graph, inputs=Golden.load(entry.path).inputs)
