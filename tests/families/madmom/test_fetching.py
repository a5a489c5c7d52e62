"""Fetching: verified, nothing but the models, all at once or not at all, and clear where it is impossible."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from modelparity.errors import ArtefactError, Unavailable
from modelparity_families.madmom import FAMILY, fetching
from modelparity_families.madmom.listing import Entry, Listing

INSIDE = "madmom-0.16.1/madmom/models"
MODELS = {"a/2000/one": b"first model", "b/2001/two": b"second model" * 1000}


def member(name: str, data: bytes = b"", **changes: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for key, value in changes.items():
        setattr(info, key, value)
    return info, data


GOOD = [
    member("madmom-0.16.1/setup.py", b"raise SystemExit"),
    *(member(f"{INSIDE}/{key}.pkl", data) for key, data in MODELS.items()),
    member(f"{INSIDE}/patterns/2013/x.pkl", b"no network"),
    member(f"{INSIDE}/LICENSE", b"CC BY-NC-SA"),
]
Release = Callable[..., Path]


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Release:
    """Put a release beside the cache: its members, and whether its digest is the expected one."""
    monkeypatch.setenv("MODELPARITY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")  # nothing here may reach out

    def make(
        members: list[tuple[tarfile.TarInfo, bytes]] | None = None,
        *,
        changed: bool = False,
        place: bool = True,
    ) -> Path:
        archive = tmp_path / "cache" / "madmom-0.16.1.tar.gz"
        archive.parent.mkdir(exist_ok=True)
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
            for info, data in GOOD if members is None else members:
                tar.addfile(info, io.BytesIO(data))
        data = buffer.getvalue()
        wanted = Listing(
            "0.16.1",
            archive.name,
            hashlib.sha256(data).hexdigest(),
            INSIDE,
            {key: Entry(key, "network", len(d), hashlib.sha256(d).hexdigest()) for key, d in MODELS.items()},
        )
        monkeypatch.setattr(
            fetching, "listing", lambda: replace(wanted, sha256="0" * 64) if changed else wanted
        )
        if place:
            archive.write_bytes(data)
        return archive

    return make


def contents(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_only_models_and_license_are_kept(release: Release) -> None:
    archive = release()
    said: list[tuple[str, int, int]] = []
    place = FAMILY.fetch(lambda *words: said.append(words))
    assert contents(place) == {"a/2000/one.pkl", "b/2001/two.pkl", "LICENSE"}
    assert {path.name for path in archive.parent.iterdir()} == {archive.name, "madmom-0.16.1"}
    assert said[-1] == ("taking out models", 3, 3)


def test_a_valid_cache_is_left_alone(release: Release) -> None:
    archive = release()
    place = FAMILY.fetch()
    archive.unlink()
    stamp = (place / "LICENSE").stat().st_mtime_ns
    assert FAMILY.fetch() == place
    assert (place / "LICENSE").stat().st_mtime_ns == stamp


@pytest.mark.parametrize("damage", ["changed", "removed"])
def test_a_damaged_cache_is_replaced(damage: str, release: Release) -> None:
    release()
    place = FAMILY.fetch()
    model = place / "a/2000/one.pkl"
    model.write_bytes(b"bent") if damage == "changed" else model.unlink()
    FAMILY.fetch()
    assert model.read_bytes() == MODELS["a/2000/one"]


def test_many_at_once(release: Release) -> None:
    archive = release()
    with ThreadPoolExecutor(8) as pool:
        places = list(pool.map(lambda _: FAMILY.fetch(), range(16)))
    assert len(set(places)) == 1
    assert contents(places[0]) == {"a/2000/one.pkl", "b/2001/two.pkl", "LICENSE"}
    assert {path.name for path in archive.parent.iterdir()} == {archive.name, "madmom-0.16.1"}


def test_another_archive_is_refused(release: Release) -> None:
    archive = release(changed=True)
    with pytest.raises(ArtefactError, match="not the release that it should be"):
        FAMILY.fetch()
    assert contents(archive.parent) == {archive.name}


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([member(f"{INSIDE}/a/2000/one.pkl", b"x" * 10_000)], "not a plain file"),
        (
            [member(f"{INSIDE}/a/2000/one.pkl", type=tarfile.SYMTYPE, linkname="/etc/passwd")],
            "not a plain file",
        ),
        ([member(f"{INSIDE}/a/2000/one.pkl", type=tarfile.LNKTYPE, linkname="x")], "not a plain file"),
        ([member(f"{INSIDE}/a/2000/one.pkl", type=tarfile.FIFOTYPE)], "not a plain file"),
        ([member(f"{INSIDE}/a/2000/one.pkl", b"other model")], "missing from the archive or changed"),
        (GOOD[:1], "missing from the archive or changed"),
    ],
    ids=["large", "symlink", "hardlink", "pipe", "changed", "absent"],
)
def test_odd_members_are_refused(
    members: list[tuple[tarfile.TarInfo, bytes]], words: str, release: Release
) -> None:
    archive = release(members)
    with pytest.raises(ArtefactError, match=words):
        FAMILY.fetch()
    assert contents(archive.parent) == {archive.name}


def test_nothing_escapes(release: Release, tmp_path: Path) -> None:
    names = (
        "../../evil.pkl",
        f"{INSIDE}/../../../../evil.pkl",
        "/tmp/evil-canary.pkl",
        f"{INSIDE}/a/../../evil.pkl",
    )
    archive = release([*(member(name, b"evil") for name in names), *GOOD])
    FAMILY.fetch()
    assert not list(tmp_path.rglob("*evil*"))
    assert contents(archive.parent) == {
        archive.name,
        *(f"madmom-0.16.1/{n}" for n in contents(FAMILY.fetch())),
    }


def test_offline_says_the_line_to_type(release: Release) -> None:
    archive = release(place=False)
    with pytest.raises(Unavailable) as error:
        FAMILY.fetch()
    text = str(error.value)
    assert "-m pip download --no-deps --no-build-isolation --no-binary madmom madmom==0.16.1" in text
    assert str(archive.parent) in text
    assert contents(archive.parent) == set()


def test_missing_tools_are_named_with_the_line_to_type(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(place=False)
    monkeypatch.setattr(fetching, "find_spec", lambda name: None if name == "Cython" else object())
    with pytest.raises(Unavailable, match=r"(?s)needs Cython in this environment.*pip install .*cython"):
        FAMILY.fetch()


def test_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    monkeypatch.setenv("MODELPARITY_CACHE", str(blocked / "cache"))
    with pytest.raises(Unavailable, match="MODELPARITY_CACHE"):
        FAMILY.fetch()


def test_a_damaged_archive_is_refused(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = release()
    data = archive.read_bytes()[:200]
    archive.write_bytes(data)
    wanted = replace(fetching.listing(), sha256=hashlib.sha256(data).hexdigest())
    monkeypatch.setattr(fetching, "listing", lambda: wanted)
    with pytest.raises(ArtefactError, match="damaged"):
        FAMILY.fetch()
