"""Anchors of OrcaHello are locked: they are what its own code computed, and nothing may bend them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent / "orca"
PROVENANCE = json.loads((HERE / "PROVENANCE.json").read_text("utf-8"))
#: Digest of the digests as they were first written down.
FIRST = "bff9d30a54230af4173e3bbcdc2f61f88452ed01caf890a824442a1ac5298a34"


def test_digests_are_as_they_were_written_down() -> None:
    text = json.dumps(PROVENANCE["files"], sort_keys=True)
    assert hashlib.sha256(text.encode()).hexdigest() == FIRST


def test_every_anchor_is_locked() -> None:
    found = {}
    for path in sorted(HERE.iterdir()):
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as arrays:
                for entry in arrays.files:
                    array = arrays[entry]
                    head = f"{array.dtype.str}|{array.shape}|".encode()
                    found[path.name, entry] = hashlib.sha256(head + array.tobytes()).hexdigest()
        elif path.name != "PROVENANCE.json":
            text = json.dumps(json.loads(path.read_text("utf-8")), sort_keys=True)
            found[path.name, ""] = hashlib.sha256(text.encode()).hexdigest()
    locked = {(f, e): d for f, about in PROVENANCE["files"].items() for e, d in about["entries"].items()}
    assert found == locked


def test_anchors_stay_small() -> None:
    assert sum(path.stat().st_size for path in HERE.iterdir()) < 4 << 20
