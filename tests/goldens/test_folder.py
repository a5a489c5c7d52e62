"""The folder: states come from content and listing alone, writing touches what it must, nothing is deleted."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from modelparity import Axis, Golden, Graph, TensorSpec, golden
from modelparity.errors import ArtefactError, GoldenError, ModelparityError, Unavailable
from modelparity.goldens import folder
from modelparity.goldens.folder import (
    STATES,
    Case,
    Wanted,
    case_for,
    create_missing,
    path_for,
    prune,
    status,
    update,
)


@dataclass
class Model:
    key: str
    graph: Graph | ModelparityError
    recipes: tuple[str, ...] = ("noise", "silence")
    loads: int = 0

    def load(self) -> Graph:
        self.loads += 1
        if isinstance(self.graph, ModelparityError):
            raise self.graph
        return self.graph


@dataclass
class Family:
    name: str
    listed: tuple[Model, ...]

    def models(self) -> tuple[Model, ...]:
        return self.listed


@pytest.fixture
def family(dense: Graph, lstm: Graph) -> Family:
    return Family("toys", (Model("a/2015/dense", dense), Model("b/lstm", lstm, ("one_frame",))))


def states(entries: tuple[folder.Entry, ...]) -> dict[str, str]:
    return {f"{entry.model}/{entry.case}": entry.state for entry in entries}


def other(graph: Graph, factor: float = 2) -> Graph:
    return graph.changed(constants={**graph.constants, "b": graph.constants["b"] * np.float32(factor)})


def contents(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


ALL = {"a/2015/dense/noise-s0-l100", "a/2015/dense/silence-s0-l100", "b/lstm/one_frame-s0-l2"}


def test_paths(dense: Graph, lstm: Graph) -> None:
    path = path_for("golden", "madmom", "beats/2015/beats_blstm_1", case_for(dense, "long", 3))
    assert path == Path("golden/madmom/beats/2015/beats_blstm_1/long-s3-l400.safetensors")
    assert case_for(lstm, "one_frame") == Case("one_frame", 0, 2)
    fixed = dense.changed(inputs=(TensorSpec("x", (Axis("frame", 5), Axis("feature", 3))),))
    assert path_for("g", "f", "m", case_for(fixed)).name == "noise-s0.safetensors"
    for case in (Case("noise_small", 12, 7), Case("noise")):
        assert Case.parse(str(case)) == case
    for stem in ("noise", "noise-s", "noise-s1-l", "noise-sx", "notes-s1-l2-v3"):
        assert Case.parse(stem) is None


@pytest.mark.parametrize("model", ["../up", "a//b", "", "/etc/x", "a/.hidden", "a\\b", "a/..", "c:x", "a\nb"])
def test_paths_stay_inside(model: str) -> None:
    with pytest.raises(GoldenError, match="is not allowed in a path"):
        path_for("golden", "toys", model, Case("noise"))
    with pytest.raises(GoldenError, match="is not allowed in a path"):
        path_for("golden", model, "m", Case("noise"))


def test_missing_then_created_then_fresh(family: Family, tmp_path: Path) -> None:
    assert states(status(tmp_path, [family])) == dict.fromkeys(ALL, "missing")
    seen: list[tuple[str, int, int]] = []
    made = create_missing(tmp_path, {"toys": family}, progress=lambda e, i, n: seen.append((e.state, i, n)))
    assert states(made) == dict.fromkeys(ALL, "missing")
    assert seen == [("missing", 0, 3), ("missing", 1, 3), ("missing", 2, 3)]
    assert states(status(tmp_path, [family])) == dict.fromkeys(ALL, "fresh")
    assert create_missing(tmp_path, [family]) == ()
    where = tmp_path / "toys/b/lstm/one_frame-s0-l2.safetensors"
    Golden.load(where, family.listed[1].graph).verify(family.listed[1].graph)  # type: ignore[arg-type]


def test_families_may_come_from_a_generator(family: Family, tmp_path: Path) -> None:
    assert len(create_missing(tmp_path, (one for one in [family]))) == 3


def test_create_missing_touches_nothing_else(family: Family, tmp_path: Path) -> None:
    create_missing(tmp_path, [family])
    before = contents(tmp_path)
    victim = tmp_path / "toys/a/2015/dense/noise-s0-l100.safetensors"
    victim.unlink()
    stale = family.listed[1]
    stale.graph = other(stale.graph)  # type: ignore[arg-type]
    assert states(create_missing(tmp_path, [family])) == {"a/2015/dense/noise-s0-l100": "missing"}
    assert contents(tmp_path) == before


def test_stale_says_what_changed_and_update_mends_it(family: Family, tmp_path: Path) -> None:
    create_missing(tmp_path, [family])
    kept = (tmp_path / "toys/b/lstm/one_frame-s0-l2.safetensors").stat().st_mtime_ns
    family.listed[0].graph = changed = other(family.listed[0].graph)  # type: ignore[arg-type]
    entries = {entry.model: entry for entry in status(tmp_path, [family])}
    assert entries["a/2015/dense"].state == "stale"
    assert entries["a/2015/dense"].reason == "weights: 'b' hold other values"
    assert entries["b/lstm"].state == "fresh"
    written = update(tmp_path, [family])
    assert states(written) == {
        f"a/2015/dense/{case}": "stale" for case in ("noise-s0-l100", "silence-s0-l100")
    }
    assert set(states(status(tmp_path, [family])).values()) == {"fresh"}
    Golden.load(entries["a/2015/dense"].path, changed)
    assert (tmp_path / "toys/b/lstm/one_frame-s0-l2.safetensors").stat().st_mtime_ns == kept


def test_files_of_other_seeds_are_seen_and_updated(family: Family, dense: Graph, tmp_path: Path) -> None:
    create_missing(tmp_path, [family])
    extra = golden(dense, recipe="long", seed=9, length=12)
    case = Case("long", 9, 12)
    extra.save(path_for(tmp_path, "toys", "a/2015/dense", case))
    given = golden(dense, inputs=np.ones((3, 3), np.float32))
    given.save(tmp_path / "toys/a/2015/dense/mine.safetensors")
    assert states(status(tmp_path, [family])) == dict.fromkeys(
        [*ALL, "a/2015/dense/long-s9-l12", "a/2015/dense/None"], "fresh"
    )
    family.listed[0].graph = other(dense)
    assert len(update(tmp_path, [family])) == 4
    assert set(states(status(tmp_path, [family])).values()) == {"fresh"}
    again = Golden.load(tmp_path / "toys/a/2015/dense/mine.safetensors")
    np.testing.assert_array_equal(again.inputs["x"], np.ones((3, 3)))


def test_damaged_files(family: Family, dense: Graph, tmp_path: Path) -> None:
    create_missing(tmp_path, [family])
    base = tmp_path / "toys/a/2015/dense"
    cut = base / "noise-s0-l100.safetensors"
    cut.write_bytes(cut.read_bytes()[:-1])
    (base / "silence-s0-l100.safetensors").write_bytes(
        (tmp_path / "toys/b/lstm/one_frame-s0-l2.safetensors").read_bytes()
    )
    (base / "junk.safetensors").write_bytes(b"junk")
    found = {entry.path.name: entry for entry in status(tmp_path, [family]) if entry.state == "damaged"}
    assert set(found) == {"noise-s0-l100.safetensors", "silence-s0-l100.safetensors", "junk.safetensors"}
    assert (
        "cut short" in found["noise-s0-l100.safetensors"].reason
        or "damaged" in found["noise-s0-l100.safetensors"].reason
    )
    assert "named otherwise" in found["silence-s0-l100.safetensors"].reason
    assert len(update(tmp_path, [family])) == 2
    assert states(status(tmp_path, [family])) == dict.fromkeys(ALL, "fresh") | {
        "a/2015/dense/None": "damaged"
    }


def test_orphans_are_found_under_any_selection_and_only_pruned(family: Family, tmp_path: Path) -> None:
    create_missing(tmp_path, [family])
    before = contents(tmp_path)
    less = Family("toys", family.listed[1:])
    for select in (lambda family, key: True, lambda family, key: False, lambda family, key: key == "b/lstm"):
        found = [
            entry for entry in status(tmp_path, [less], Wanted(select=select)) if entry.state == "orphan"
        ]
        assert {entry.model for entry in found} == {"a/2015/dense"}
        assert len(found) == 2
        assert "lists no model 'a/2015/dense'" in found[0].reason
    assert create_missing(tmp_path, [less]) == update(tmp_path, [less]) == ()
    assert contents(tmp_path) == before
    assert len(prune(tmp_path, [less])) == 2
    assert set(contents(tmp_path)) == {"toys/b/lstm/one_frame-s0-l2.safetensors"}


def test_a_case_that_the_model_no_longer_takes_is_an_orphan(
    family: Family, lstm: Graph, tmp_path: Path
) -> None:
    create_missing(tmp_path, [family])
    grown = lstm.changed(inputs=(TensorSpec("x", (Axis("time", None, 5), Axis("feature", 3))),))
    family.listed[1].graph = grown
    found = states(status(tmp_path, [family], Wanted(select=lambda family, key: key == "b/lstm")))
    assert found == {"b/lstm/one_frame-s0-l2": "orphan", "b/lstm/one_frame-s0-l5": "missing"}
    update(tmp_path, [family])
    assert states(status(tmp_path, [family]))["b/lstm/one_frame-s0-l5"] == "fresh"


@pytest.mark.parametrize(
    "error", [Unavailable("not fetched", fix="modelparity fetch"), ArtefactError("torn")]
)
def test_absent_models_leave_their_goldens_alone(
    family: Family, tmp_path: Path, error: ModelparityError
) -> None:
    create_missing(tmp_path, [family])
    before = contents(tmp_path)
    family.listed[0].graph = error
    family.listed = (*family.listed, Model("never/here", error))
    entries = [entry for entry in status(tmp_path, [family]) if entry.state == "unknown"]
    assert [entry.model for entry in entries] == ["a/2015/dense", "a/2015/dense", "never/here"]
    assert entries[0].reason == str(error)
    assert update(tmp_path, [family]) == create_missing(tmp_path, [family]) == prune(tmp_path, [family]) == ()
    assert contents(tmp_path) == before


def test_absent_families_are_unknown(family: Family, tmp_path: Path) -> None:
    create_missing(tmp_path, [family])
    assert states(status(tmp_path, [])) == dict.fromkeys(ALL, "unknown")
    assert prune(tmp_path, []) == ()
    assert status(tmp_path / "nowhere", []) == ()


def test_selection_loads_only_what_it_selects(family: Family, tmp_path: Path) -> None:
    status(tmp_path, [family], Wanted(select=lambda family, key: (family, key) == ("toys", "b/lstm")))
    assert [model.loads for model in family.listed] == [0, 1]


def test_arguments_of_a_run(family: Family, tmp_path: Path) -> None:
    made = create_missing(tmp_path, [family], Wanted(("noise",), seed=4, length=30))
    assert {str(entry.case) for entry in made} == {"noise-s4-l30"}
    assert len(made) == 2


@pytest.mark.parametrize("write", [create_missing, update])
def test_workers_side_by_side_agree(family: Family, tmp_path: Path, write: Callable[..., object]) -> None:
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(write, tmp_path / "many", [family]) for _ in range(4)]:
            done.result()
    create_missing(tmp_path / "one", [family])
    assert contents(tmp_path / "many") == contents(tmp_path / "one")


def test_leftovers_of_a_killed_writer_are_no_goldens(family: Family, tmp_path: Path) -> None:
    create_missing(tmp_path, [family])
    (tmp_path / "toys/b/lstm/.one_frame-s0-l2.safetensors.99-ab.tmp").write_bytes(b"half")
    (tmp_path / "toys/b/lstm/._one_frame-s0-l2.safetensors").write_bytes(b"finder")
    assert states(status(tmp_path, [family])) == dict.fromkeys(ALL, "fresh")


def test_states_are_the_documented_ones() -> None:
    assert all(f"\n{state} " in (folder.__doc__ or "") for state in STATES)
