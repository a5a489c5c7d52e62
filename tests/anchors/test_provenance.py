"""Anchors are locked: they are what madmom computed, and nothing may bend them towards a candidate."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

HERE = Path(__file__).parent
PROVENANCE = json.loads((HERE / "PROVENANCE.json").read_text("utf-8"))
#: Digest of the digests as they were first written down. They are history: a change goes into "changes".
FIRST = "e0a587479f6aad726aee6d356af6912887293f0060b4d3aeec5d57a081dd3922"
#: The same of the files that came later: stages of five clips, and calls of decoders.
ADDED = "0caf5dc1301eb61e168437da34d044caf29c630026e5f182c533dcec7562af5b"


def digest(array: np.ndarray[Any, Any]) -> str:
    head = f"{array.dtype.str}|{array.shape}|".encode()
    return hashlib.sha256(head + np.ascontiguousarray(array).tobytes()).hexdigest()


def locked() -> dict[tuple[str, str], str]:
    """(file, entry) -> the digest that counts: the first one, or that of the last change."""
    files = PROVENANCE["files"] | PROVENANCE["added"]
    lock = {(f, e): d for f, about in files.items() for e, d in about["entries"].items()}
    for change in PROVENANCE["changes"]:
        lock[change["file"], change["entry"]] = change["sha256"]
    return lock


def stored() -> Iterator[tuple[str, str, np.ndarray[Any, Any]]]:
    for path in sorted((HERE / "madmom").iterdir()):
        with np.load(path, allow_pickle=False) as arrays:
            for entry in arrays.files:
                yield path.name, entry, arrays[entry]


@pytest.mark.parametrize(("section", "first"), [("files", FIRST), ("added", ADDED)])
def test_first_digests_are_as_they_were_written_down(section: str, first: str) -> None:
    text = json.dumps(PROVENANCE[section], sort_keys=True)
    assert hashlib.sha256(text.encode()).hexdigest() == first, (
        f'the section "{section}" of PROVENANCE.json is history and may not be edited; '
        'add {"file", "entry", "sha256", "why"} to "changes" instead'
    )


def test_every_anchor_is_locked() -> None:
    lock = locked()
    found = {(file, entry): digest(array) for file, entry, array in stored()}
    assert found.keys() == lock.keys()
    changed = {place: found[place] for place in found if found[place] != lock[place]}
    assert not changed, (
        f"anchors differ from PROVENANCE.json: {changed}. An anchor is a measurement of madmom. If it was "
        'measured anew, say so in "changes" with a why.'
    )


def test_every_change_says_why() -> None:
    known = locked()
    for change in PROVENANCE["changes"]:
        assert set(change) == {"file", "entry", "sha256", "why"}
        assert len(change["why"].split()) >= 5, f"say why {change['entry']} was changed"
        assert (change["file"], change["entry"]) in known


def test_a_changed_element_is_noticed() -> None:
    file, entry, array = next(stored())
    bent = array.copy()
    bent.flat[0] = np.nextafter(bent.flat[0], np.float32(np.inf))
    assert digest(bent) != locked()[file, entry] == digest(array)


def test_all_networks_are_there_and_no_crf() -> None:
    from modelparity_families.madmom.listing import listing

    keys = {
        entry.removesuffix("|x")
        for file, entry, _ in stored()
        if file == "layers.npz"
        if entry.endswith("|x")
    }
    assert keys == {key for key, entry in listing().models.items() if entry.kind == "network"}
    assert len(keys) == 65


def test_anchors_stay_small() -> None:
    assert sum(path.stat().st_size for path in (HERE / "madmom").iterdir()) < 12 << 20


@pytest.mark.parametrize(
    "path", sorted((HERE.parents[1] / "fixtures").glob("*.anchor.npz")), ids=lambda p: p.name
)
def test_anchors_of_fixtures_are_locked(path: Path) -> None:
    entry = json.loads(path.with_name("PROVENANCE.json").read_text("utf-8"))["entries"][path.name]
    with np.load(path, allow_pickle=False) as arrays:
        assert (
            hashlib.sha256(arrays["x|x"].tobytes() + arrays["y|y"].tobytes()).hexdigest() == entry["sha256"]
        )
    model = path.with_name(path.name.replace(".anchor.npz", ".pkl"))
    assert hashlib.sha256(model.read_bytes()).hexdigest() == entry["model_sha256"]
