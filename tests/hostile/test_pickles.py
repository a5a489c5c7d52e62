"""A folder of hostile pickles: every one is refused, clearly and quickly, and none executes anything."""

from __future__ import annotations

import codecs
import contextlib
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import modelparity as mp
from modelparity.errors import ArtefactError, UnsafePickleError

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.pkl"))

ARMED = False
EVENTS: list[str] = []
#: What unpickling would have to do to be of any use to an attacker.
SUSPECT = {
    "os.system",
    "subprocess.Popen",
    "exec",
    "compile",
    "pickle.find_class",
    "os.posix_spawn",
    "os.exec",
}


def _audit(event: str, args: tuple[object, ...]) -> None:
    if ARMED and event in SUSPECT:
        EVENTS.append(event)


sys.addaudithook(_audit)


@contextlib.contextmanager
def nothing_executes() -> Iterator[None]:
    """Any of the suspect events in here fails the test."""
    global ARMED
    EVENTS.clear()
    ARMED = True
    try:
        yield
    finally:
        ARMED = False
    assert not EVENTS


@pytest.fixture(autouse=True, scope="module")
def _everything_is_imported() -> None:
    """So that no import of ours counts as executing something."""
    codecs.lookup("raw-unicode-escape")
    mp.load(HERE.parents[1] / "fixtures" / "bgru.pkl")


def refused(path: Path) -> ArtefactError:
    """The error that loading ends in."""
    with nothing_executes(), pytest.raises(ArtefactError) as refusal:
        mp.load(path, format="madmom")
    return refusal.value


def test_the_folder_is_what_the_script_makes(maker: ModuleType) -> None:
    assert {path.stem: path.read_bytes() for path in FILES} == maker.HOSTILE
    assert len(FILES) > 100


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_is_refused(path: Path, maker: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    started = time.perf_counter()
    error = refused(path)
    assert time.perf_counter() - started < 10
    assert path.name in str(error)
    assert len(str(error)) < 2000
    if path.stem in maker.NAMED:
        assert isinstance(error, UnsafePickleError)
        assert maker.NAMED[path.stem] in str(error)
    assert not (tmp_path / maker.CANARY).exists()


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x02" + b"N0" * 150_000 + b"N.",
        b"\x80\x02)" + b"\x85" * 200_000 + b".",
        b"\x80\x02" + b"(" * 200_000 + b".",
        b"\x80\x02" + b"]" * 100_000 + b"a" * 99_999 + b".",
    ],
    ids=["opcodes", "tuples", "marks", "lists"],
)
def test_endless_files_are_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "endless.pkl"
    path.write_bytes(data)
    started = time.perf_counter()
    assert path.name in str(refused(path))
    assert time.perf_counter() - started < 20


@pytest.mark.parametrize(
    "name", ["laughs_in_arrays", "array_huge", "string_length", "long4_large", "memo_large"]
)
def test_takes_little_memory(name: str) -> None:
    data = (HERE / f"{name}.pkl").read_bytes()
    tracemalloc.start()
    refused(HERE / f"{name}.pkl")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * len(data) + (1 << 20)


def test_a_file_that_grows_beyond_all_bounds_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.pkl"
    with path.open("wb") as file:
        file.write(b"\x80\x02")
        file.truncate(1 << 33)  # sparse
    with pytest.raises(ArtefactError, match="too large"):
        mp.load(path)


def test_these_files_do_execute_when_python_unpickles_them(tmp_path: Path, maker: ModuleType) -> None:
    """The canary works: otherwise the tests above would prove nothing."""
    script = "import pickle, sys; pickle.load(open(sys.argv[1], 'rb'))"
    for name in ("os_system", "stack_global", "protocol0", "inst", "obj", "inside_dead_branch"):
        subprocess.run(
            [sys.executable, "-c", script, str(HERE / f"{name}.pkl")], cwd=tmp_path, capture_output=True
        )
        assert (tmp_path / maker.CANARY).exists(), name
        (tmp_path / maker.CANARY).unlink()
