"""The formats that are here: found by listing this package and by entry point, told apart by content."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from ..discovery import Plugins, modules
from ..discovery.plugins import kind, misnamed
from ..errors import ArtefactError, ConversionError, near
from ..graph import Array, Graph
from .finding import Finding

#: How many leading bytes a format may look at to recognise an artefact.
HEAD = 4096


def _never(head: bytes, path: Path) -> bool:
    """No file is recognised by its content."""
    return False


def _no_object(source: object) -> bool:
    """No object of a framework is read."""
    return False


#: Given the place of an array in a file and the array, the one that is to stand there; None where it stays.
Patch = Callable[[str, Array], Array | None]


@dataclass(frozen=True)
class Format:
    """One kind of artefact. ``read``, ``write`` and ``build`` are ``None`` where the format cannot do that.

    ``sniff`` gets the first `HEAD` bytes (empty for a folder) and the path; content decides, and the suffix
    only where content cannot. ``build`` makes an object of a framework instead of a file. ``functions`` says that
    an artefact may hold several functions: ``read`` then takes ``function``, the name of one. Where its files come
    in several ``precisions``, ``write`` takes ``precision``. ``examine`` says what is wrong, or may be wrong, with a
    file that nothing refuses; ``silent`` says that its own runtimes pass faults in silence, so that each file is
    examined as a case of its own. ``shared`` says that other files bear its suffixes too, so that only content tells.
    ``lacks`` {type: types that stand in for it} names element types that its outputs never have.
    ``patch`` writes a file again with other numbers in some of its arrays of floats, and all else as it was: it gets
    the file, where to write, and a `Patch`, and returns how many arrays were changed. ``splice`` writes a file again
    in which some tensors are computed otherwise, and all else as it was: it gets the file, where to write, the file's
    graph and the wanted one, and returns how many tensors that are.
    """

    name: str
    suffixes: tuple[str, ...]
    sniff: Callable[[bytes, Path], bool] = _never
    read: Callable[..., Graph] | None = None
    write: Callable[..., None] | None = None
    build: Callable[[Graph], object] | None = None
    functions: bool = False
    precisions: tuple[str, ...] = ("float32",)
    is_object: Callable[[object], bool] = _no_object
    read_object: Callable[..., Graph] | None = None
    settings: tuple[str, ...] = ()
    examine: Callable[[Path], Sequence[Finding]] | None = None
    silent: bool = False
    shared: bool = False
    lacks: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    patch: Callable[[Path, Path, Patch], int] | None = None
    splice: Callable[[Path, Path, Graph, Graph], int] | None = None


@cache
def _own() -> dict[str, Format]:
    """The ``FORMAT`` of each module of this package that has one."""
    found = [vars(module).get("FORMAT") for module in modules("modelparity.formats")]
    return {one.name: one for one in found if isinstance(one, Format)}


def _lack(name: str, found: object) -> str | None:
    return misnamed(name, found.name) if isinstance(found, Format) else kind(found)


_strangers = Plugins[Format](
    "format",
    "modelparity.formats",
    lack=_lack,
    expected="an object of modelparity.formats.Format",
    page="docs/extending/format.md",
    own=_own,
)


def formats() -> dict[str, Format]:
    """Every format, by name: this package's own, then those of others. Raises `PluginError` for a broken one."""
    return {**_own(), **_strangers.all()}


def named(name: str) -> Format:
    """The format of that name; raises `ConversionError` with the known names, and `PluginError` if it is broken."""
    known = (*_own(), *_strangers.names())
    found = _own().get(name) or _strangers.get(name)
    if found is None:
        raise ConversionError(f"unknown format {name!r}", expected=near(name, known))
    return found


def for_suffix(path: Path) -> Format:
    """The format that a new file of this name gets; raises `ConversionError` if no suffix fits."""
    for one in formats().values():
        if path.suffix.lower() in one.suffixes:
            return one
    known = sorted(suffix for one in formats().values() if one.write for suffix in one.suffixes)
    raise ConversionError(
        "no format has this suffix",
        where=path,
        found=path.suffix or "no suffix",
        expected=f"one of {', '.join(known)}",
    )


def sniff(path: Path) -> Format:
    """The format of an existing artefact, by its content; raises `ArtefactError` if none knows it."""
    regular(path)
    try:
        head = b"" if path.is_dir() else _head(path)
    except OSError as error:
        raise ArtefactError(f"not readable: {error.strerror}", where=path) from error
    claims = [one for one in formats().values() if _claims(one, head, path)]
    # Two may claim one file (a pickle, a JSON); then the suffix speaks for one of them.
    claims.sort(key=lambda one: path.suffix.lower() not in one.suffixes)
    if claims:
        return claims[0]
    raise ArtefactError(
        "no format recognises this file",
        where=path,
        found=f"{head[:16]!r}..." if head else "a folder" if path.is_dir() else "an empty file",
        expected=", ".join(
            f"{one.name} ({' '.join(one.suffixes)})" for one in formats().values() if one.read
        ),
        fix="if you know the format, name it: format= in Python, inspect --format, convert --from",
    )


def regular(path: Path) -> None:
    """Raises `ArtefactError` unless there is a file or a folder: a pipe or a device might never end."""
    try:
        there, whole = path.exists(), path.is_file() or path.is_dir()
    except (OSError, ValueError) as error:  # a name that no file can have
        raise ArtefactError(
            f"no such file: {error}"[:300], where=str(path)[:300], fix="check the path"
        ) from None
    if not there:
        raise ArtefactError("no such file", where=path, fix="check the path")
    if not whole:
        raise ArtefactError(
            "not a file",
            where=path,
            found="a pipe, a socket or a device",
            expected="a file or a folder",
            fix="save it to a file first",
        )


def claimed(path: Path) -> bool:
    """Whether any format knows the file by its content."""
    try:
        head = _head(path)
    except OSError:
        return True  # reading it says what is wrong
    return any(_claims(one, head, path) for one in formats().values())


def attributed(one: Format, doing: str, where: object) -> AbstractContextManager[None]:
    """Around what ``one`` does: an error that another package does not raise on purpose is said with its name."""
    return _strangers.named(one.name, doing, where)


def _claims(one: Format, head: bytes, path: Path) -> bool:
    with attributed(one, "looking at a file", path):
        return one.sniff(head, path)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)
