"""An audit tells what was caught, placed and named, tries nothing twice, and counts every cause alike."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity.audit import (
    Artefact,
    Result,
    attempt,
    figures,
    noticed,
    one_of_each,
    plan,
    run,
    sampled,
)
from modelparity.audit.foreign import FOREIGN, places, spoilt
from modelparity.audit.running import recorded
from modelparity.audit.variations import VARIATIONS
from modelparity.errors import ArtefactError, InputError
from modelparity.inputs import make
from modelparity.verdict.reference import Reference

FIXTURES = Path(__file__).parents[2] / "fixtures"
LSTM, GRU, MIXED = FIXTURES / "lstm.pkl", FIXTURES / "bgru.pkl", FIXTURES / "mixed.pkl"


def trials(path: Path, **options):
    return plan(path.name, mp.load(path), **{"targets": ("engine",), **options})


def test_a_plan_is_the_same_in_every_run_and_grows() -> None:
    one, two = trials(LSTM, singles=1), trials(LSTM, singles=2)
    assert one == trials(LSTM, singles=1)
    assert {trial.id for trial in one} < {trial.id for trial in two}
    assert len({trial.id for trial in two}) == len(two)
    assert one != trials(LSTM, singles=1, seed=1)


def test_a_sample_takes_causes_files_and_networks_evenly() -> None:
    every = trials(LSTM, targets=("engine", ".onnx"), singles=3) + trials(
        GRU, targets=("engine", ".onnx"), singles=3
    )
    causes = {trial.faults for trial in every}
    some = sampled(every, len(causes))
    assert {trial.faults for trial in some} == causes
    assert len(some) == len(causes)
    assert some == [trial for trial in every if trial in some]
    for what in ("target", "network"):
        counts = Counter(getattr(trial, what) for trial in some)
        assert len(counts) == 2
        assert max(counts.values()) <= 2 * min(counts.values())
    assert some != sampled(every, len(causes), seed=1)
    assert sampled(every, 10**6) == every
    two = sampled(trials(LSTM, singles=1) + trials(LSTM, singles=0, sound=True), 3)
    assert Counter(trial.kind for trial in two) == {"single": 3, "sound": 3}


def test_of_an_ensemble_one_network_is_taken() -> None:
    graph = mp.load(LSTM)
    name = next(iter(graph.constants))
    other = graph.changed(constants={**graph.constants, name: graph.constants[name] + 1})
    named = [("one", graph), ("two", other), ("gru", mp.load(GRU))]
    kept = one_of_each(named)
    assert len(kept) == 2
    assert "gru" in kept
    assert {tuple(sorted(one_of_each(named, seed))) for seed in range(9)} == {("gru", "one"), ("gru", "two")}


def test_pairs_are_of_two_nodes() -> None:
    pairs = trials(LSTM, singles=0, pairs=20)
    assert len(pairs) == 20
    assert all(len(trial.makes) == 2 and trial.kind == "pair" for trial in pairs)
    assert all(
        one.partition("@")[2] != two.partition("@")[2] for one, two in (trial.makes for trial in pairs)
    )


def test_a_fault_is_caught_and_placed() -> None:
    trial = next(one for one in trials(GRU, only=["gru-gates-swapped"]))
    result = attempt(trial, mp.load(GRU))
    assert (result.state, result.band, result.caught, result.placed) == ("judged", "wrong", True, True)
    assert result.faults == ("gru-gates-swapped",)


def test_a_module_is_judged_like_a_file() -> None:
    pytest.importorskip("torch")
    (trial,) = trials(GRU, targets=("torch",), only=["gru-gates-swapped"])
    result = attempt(trial, mp.load(GRU), seconds=0.0)
    assert (result.state, result.band, result.caught) == ("judged", "wrong", True)


@pytest.mark.parametrize(("target", "how"), [(".onnx", "values"), ("engine", "values")])
def test_a_file_is_really_repaired_where_that_is_asked(target: str, how: str) -> None:
    trial = next(one for one in trials(GRU, targets=(target,), only=["gru-gates-swapped"]))
    result = attempt(trial, mp.load(GRU), repair=True)
    assert (result.repaired, result.how) == (True, how)
    assert f"really repaired: 1 {how}" in str(figures([result]))


@pytest.mark.parametrize("target", ["engine", ".onnx", ".mlpackage"])
@pytest.mark.parametrize("variation", sorted(VARIATIONS))
def test_a_variation_raises_no_alarm(variation: str, target: str) -> None:
    graph = mp.load(LSTM)
    sound = [t for t in trials(LSTM, targets=(target,), singles=0, sound=True) if t.makes == (variation,)]
    (result,) = [attempt(trial, graph) for trial in sound]
    assert (result.state, result.caught, result.causes) == ("judged", False, ()), result


@pytest.mark.parametrize("variation", sorted(set(VARIATIONS) - {"unchanged"}))
def test_a_variation_is_another_graph_of_the_same_function(variation: str) -> None:
    graph = mp.load(FIXTURES / "cnn.pkl" if variation == "negated_twice" else MIXED)
    other = VARIATIONS[variation](graph)
    assert [node.name for node in other.nodes] != [node.name for node in graph.nodes]
    feeds = make(graph, "noise")
    want, got = mp.run(graph, feeds), mp.run(other, feeds)
    assert all(np.array_equal(want[name], got[name]) for name in graph.outputs)


@pytest.mark.parametrize("kind", sorted(FOREIGN))
def test_a_foreign_mistake_is_one_and_is_always_the_same(kind: str) -> None:
    graph = mp.load(FIXTURES / "cnn.pkl")
    place = next(places(graph, kind))
    once, again = spoilt(graph, kind, place), spoilt(graph, kind, place)
    feeds = make(graph, "noise")
    (right,), (wrong,), (same,) = (mp.run(one, feeds).values() for one in (graph, once, again))
    assert np.array_equal(wrong, same)
    assert not np.allclose(wrong, right, atol=1e-5)


def test_two_equal_arrays_are_not_averaged() -> None:
    graph = mp.load(FIXTURES / "cnn.pkl")
    alike = {name: np.ones_like(array) for name, array in graph.constants.items()}
    assert not list(places(graph.changed(constants=alike), "averaged"))


def test_what_was_tried_is_not_tried_again(tmp_path: Path) -> None:
    record, networks = tmp_path / "record.jsonl", {LSTM.name: Artefact.of(LSTM)}
    wanted = trials(LSTM, only=["activation-dropped", "bias-dropped"])
    first = list(run(wanted[:1], networks, record))
    assert [one.trial for one in first] == [wanted[0].id]
    marked = json.loads(record.read_text()) | {"reason": "as it was recorded"}
    # The last line as a run leaves it that was broken off.
    record.write_text(json.dumps(marked) + "\n" + json.dumps(marked)[:40])
    every = {one.trial: one for one in run(wanted, networks, record)}
    assert set(every) == {trial.id for trial in wanted}
    assert every[wanted[0].id].reason == "as it was recorded"
    assert len(recorded(record)) == len(wanted)
    # Another network under the same name is tried again.
    other = Artefact(LSTM.name, {LSTM.name: b"another file"})
    with pytest.raises(ArtefactError):
        list(run(wanted[:1], {LSTM.name: other}, record))


@pytest.mark.parametrize("text", ["remember the milk\n", "remember the milk", "{}\n", "[1]\n{"])
def test_a_file_that_is_no_record_is_left_alone(tmp_path: Path, text: str) -> None:
    other = tmp_path / "notes.txt"
    other.write_text(text)
    with pytest.raises(InputError, match="no record of an audit"):
        list(run(trials(LSTM), {LSTM.name: Artefact.of(LSTM)}, other))
    assert other.read_text() == text


def test_a_network_that_is_not_here_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"lstm\.pkl"):
        list(run(trials(LSTM), {}, tmp_path / "record.jsonl"))


def result(fault: str, kind: str = "single", **seen) -> Result:
    made = {"target": "engine", "network": "n", "state": "judged", **seen}
    return Result(f"{fault} {kind} {seen}", kind, faults=(fault,), **made)


def test_every_cause_counts_alike() -> None:
    results = [result("often", caught=True, seconds=s) for s in (1.0, 2.0, 3.0)] + [result("once")]
    shown = figures(results)
    assert shown.rows[0].shares["caught"] == 0.5
    assert (shown.rows[0].trials, shown.rows[0].causes) == (4, 2)
    assert shown.missed == (results[-1].trial,)


def test_a_runtime_that_computes_otherwise_is_no_alarm() -> None:
    shown = figures([result("renamed", "sound", caught=True, side="runtime"), result("renamed", "sound")])
    assert (shown.alarms, len(shown.runtimes)) == ((), 1)


def test_alarms_and_false_names_are_counted_apart() -> None:
    shown = figures(
        [
            result("renamed", "sound"),
            result("renamed", "sound", caught=True),
            result("noisy@w", "foreign", caught=True, causes=("bias-dropped",)),
            result("quiet one", state="quiet"),
        ]
    )
    assert (shown.sound, len(shown.alarms), shown.foreign, len(shown.false_names)) == (2, 1, 1, 1)
    assert shown.others == {"quiet": 1}
    assert "1 alarms of 2" in str(shown)


def test_results_go_through_json() -> None:
    one = result("bias-dropped", caught=True, causes=("bias-dropped",))
    assert Result.from_json(json.loads(json.dumps(one.to_json()))) == one


def test_inputs_that_show_nothing_are_told_of_the_recipe_that_would() -> None:
    graph = mp.load(LSTM)
    silent = Reference(graph, {name: 0 * a for name, a in make(graph, "noise").items()}, {"recipe": "zeros"})
    found = list(noticed(graph, [silent]))
    transposed = [one for one in found if one.key.startswith("weights-read-in-other-order[weight]")]
    assert transposed[0].floors <= 1
    assert transposed[0].recipe == "noise"
    loud = list(noticed(graph, [Reference(graph, make(graph, "noise"), {"recipe": "noise"})]))
    assert sum(one.seen for one in loud) > sum(one.seen for one in found)


def test_an_artefact_is_placed_as_it_was(tmp_path: Path) -> None:
    made = mp.convert(mp.load(LSTM), tmp_path / "lstm.mlpackage")
    with Artefact.of(made).placed() as copy:
        assert copy != made
        want = {p.relative_to(made): p.read_bytes() for p in made.rglob("*") if p.is_file()}
        assert {p.relative_to(copy): p.read_bytes() for p in copy.rglob("*") if p.is_file()} == want
    assert not copy.exists()


def test_a_path_that_leaves_its_folder_is_refused() -> None:
    with (
        pytest.raises(InputError, match="leaves its folder"),
        Artefact("m", {"../m": b""}, folder=True).placed(),
    ):
        pass


def test_nothing_is_lost_when_a_worker_dies(tmp_path: Path) -> None:
    """Two workers; the one that is killed after the first result takes no trial with it."""
    pytest.importorskip("distributed")
    import psutil

    wanted = trials(
        LSTM, singles=1, only=["bias-dropped", "activation-swapped", "weights-lost", "layer-dropped"]
    )
    wanted += trials(LSTM, singles=0, sound=True)
    made = run(wanted, {LSTM.name: Artefact.of(LSTM)}, tmp_path / "record.jsonl", jobs=2, seconds=2)
    found = [next(made)]
    workers = [
        one
        for nanny in psutil.Process().children()
        for one in (nanny, *nanny.children(recursive=True))
        if "spawn_main" in " ".join(one.cmdline())
    ]
    workers[-1].kill()
    found += list(made)
    assert {one.trial for one in found} == {trial.id for trial in wanted}
    assert all(one.state != "lost" for one in found), [one.reason for one in found if one.state == "lost"]


def test_no_scheduler_where_one_was_named(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    with pytest.raises(InputError, match="no scheduler answers"):
        list(
            run(
                trials(LSTM),
                {LSTM.name: Artefact.of(LSTM)},
                tmp_path / "record.jsonl",
                scheduler="tcp://127.0.0.1:9",
                patience=1,
            )
        )


def test_names_that_a_format_does_not_allow_are_no_reason_why_a_trial_is_not_written() -> None:
    from modelparity.audit.naming import allowed

    axes = (mp.Axis("time"), mp.Axis("feature", 4))
    node = mp.Node("t", "tanh", ("1.x",), ("output_1.0",))
    graph = mp.Graph("net", (mp.TensorSpec("1.x", axes),), ("output_1.0",), (node,), {})
    found = allowed(graph)
    assert ([spec.name for spec in found.inputs], found.outputs) == (["_1_x"], ("output_1_0",))
    x = np.ones((3, 4), np.float32)
    assert (mp.run(found, {"_1_x": x})["output_1_0"] == mp.run(graph, {"1.x": x})["output_1.0"]).all()
    assert allowed(found) is found
