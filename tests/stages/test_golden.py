"""A golden of a pipeline judges a candidate without the pipeline, and notices when the pipeline departs."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import GoldenError, InputError, Unavailable
from modelparity.stages import Decoder, Given, Label, Networks, Numeric, Pipeline, PipelineGolden, Segments
from modelparity.stages.decoded import Decoded, Item

from .conftest import Unit, frames, loudness, sound

COMPUTED = ("features", "activations", "events")


class Absent(Unit):
    """A network that was not fetched."""

    def __init__(self, key: str) -> None:
        super().__init__(key, 1.0)

    def load(self):
        raise Unavailable("it is not here", where=self.key)


@pytest.fixture
def gold(toy, audio) -> PipelineGolden:
    return mp.golden(toy, audio=audio, rate=1000)


@pytest.fixture
def path(gold, tmp_path):
    return gold.save(tmp_path / "loud.pipeline.safetensors")


def with_parts(toy, *parts) -> Pipeline:
    """The pipeline with these stages in place of those of the same names."""
    new = {part.name: part for part in parts}
    return replace(toy, parts=tuple(new.get(part.name, part) for part in toy.parts), _kept={})


def test_a_golden_holds_every_stage_as_the_pipeline_gives_it(toy, audio, gold, path):
    right = toy.run(audio=audio, rate=1000)
    for held in (gold, PipelineGolden.load(path), PipelineGolden.load(path, toy)):
        for name in ("audio", *COMPUTED):
            assert np.array_equal(held[name], right[name])
            assert held[name].dtype == right[name].dtype
        assert held.truth["features"].dtype == np.float64
        assert held.beside == {"rate": 1000}
        assert held.settings == {"gain": 10.0, "threshold": 0.5, "fps": 100.0}
    with pytest.raises(KeyError, match="recorded are audio, features"):
        gold["frames"]


def test_the_same_golden_gives_the_same_bytes(toy, audio, path, tmp_path):
    again = PipelineGolden.load(path).save(tmp_path / "again")
    anew = mp.golden(toy, audio=audio, rate=1000).save(tmp_path / "anew")
    assert path.read_bytes() == again.read_bytes() == anew.read_bytes()


@pytest.mark.parametrize("names", [COMPUTED[:1], COMPUTED[1:2], COMPUTED[2:], COMPUTED])
def test_a_candidate_is_judged_from_the_file_alone(toy, audio, path, names):
    right = toy.run(audio=audio, rate=1000)
    found = PipelineGolden.load(path).check(**{name: right[name] for name in names})
    assert (found.ok, found.worst, found.stages) == (True, "exact", names)


def test_it_is_judged_as_the_pipeline_judges(toy, audio, path):
    held, right = PipelineGolden.load(path), toy.run(audio=audio, rate=1000)
    for factor in (np.float32(1 + 2e-7), np.float32(1.0001)):
        theirs = right["features"] * factor
        by_file, live = held.check(features=theirs), toy.check(audio=audio, rate=1000, features=theirs)
        assert by_file["features"].band == live["features"].band
        assert by_file["features"].floors == pytest.approx(live["features"].floors, rel=1e-6)
        # No candidate gains by a floor that was stored in fewer bits but what that rounds.
        assert by_file["features"].floors <= live["features"].floors
    assert not held.check(features=right["features"] * np.float32(1.0001)).ok
    missed = held.check(events=right["events"][1:])
    assert "1 of 2 events missing" in missed["events"].text
    json.dumps(missed.to_json())


def test_behind_a_stage_that_departs_nothing_is_made_up(toy, audio, gold):
    theirs = toy.with_settings(gain=20.0).run(audio=audio, rate=1000)
    found = gold.check(**{name: theirs[name] for name in COMPUTED})
    assert [one.name for one in found.failed] == ["features"]
    assert found["activations"].band == "unjudged"
    assert "could not be told" in found["activations"].text


def test_behind_the_records_own_values_a_stage_departs_by_itself(toy, audio, gold):
    right = toy.run(audio=audio, rate=1000)
    theirs = {"features": right["features"] * 2, "activations": right["activations"]}
    found = gold.check(**theirs, events=right["events"] + 0.01)
    assert [one.name for one in found.failed] == ["features", "events"]
    assert gold.check(**theirs, events=right["events"])["events"].band == "exact"


def test_events_near_the_threshold_may_go_either_way(toy, audio):
    activations = toy.run(audio=audio, rate=1000)["activations"]
    above, below = activations.max(), np.sort(activations)[-2]
    tight = toy.with_settings(threshold=float(above))
    held = mp.golden(tight, audio=audio, rate=1000)
    assert below < above
    assert any(one.runs for one in held.stages if one.decoded)
    assert held.check(events=held["events"]).ok
    assert held.check(events=np.zeros(0)).ok
    assert "may go either way" in repr(held)


@pytest.mark.parametrize("halves", [False, True])
def test_what_half_precision_explains_is_told_where_it_was_recorded(toy, audio, halves):
    held = mp.golden(toy, audio=audio, rate=1000, until="features", halves=halves)
    theirs = held["features"].astype(np.float16).astype(np.float32)
    found = held.check(features=theirs, expect="reduced")
    assert (found.ok, found.worst) == ((True, "reduced") if halves else (False, "wrong"))


def test_a_pipeline_that_computes_the_same_is_verified(toy, gold, path):
    held = PipelineGolden.load(path, toy)
    gold.verify(toy)  # which raises for what departs
    held.verify(toy)
    assert {one.name for one in held.stages if not one.given} == {"features", "activations", "events"}


def test_other_settings_are_named(toy, gold):
    with pytest.raises(GoldenError, match=r"setting gain: 20.0 now, 10.0 then"):
        gold.verify(toy.with_settings(gain=20.0))


def test_other_networks_are_named(toy, path):
    other = with_parts(
        toy, Networks("activations", ("features",), members=(Unit("one", 2.0), Unit("two", 3.5)))
    )
    with pytest.raises(GoldenError, match=r"networks of stage 'activations' have changed: 2 two"):
        PipelineGolden.load(path, other)


def test_another_stage_is_named(toy, gold):
    decoder = toy.stage("events")
    other = with_parts(toy, replace(decoder, takes=("features",)))
    with pytest.raises(GoldenError, match="stage 'events' follows from others now"):
        gold.verify(other)


def test_code_that_computes_something_else_is_noticed_in_its_stage(toy, gold):
    def louder(*, gain: float = 10.0):
        return loudness(gain=gain * (1 + 1e-6))

    other = with_parts(toy, Numeric("features", ("frames",), graph=louder))
    with pytest.raises(GoldenError, match=r"stage 'features', features\[\d+, 0\]"):
        gold.verify(other)

    def late(activations, *, threshold: float = 0.5, fps: float = 100.0):
        return toy.stage("events").function(activations, threshold=threshold, fps=fps) + 0.01

    with pytest.raises(GoldenError, match="stage 'events'") as caught:
        gold.verify(with_parts(toy, replace(toy.stage("events"), function=late)))
    assert "later" in str(caught.value.found)


def test_floors_of_another_method_are_measured_anew_and_values_stay(toy, gold, tmp_path):
    old = replace(gold, floors=replace(gold.floors, method=1))
    path = old.save(tmp_path / "old")
    assert not PipelineGolden.load(path).floors.current
    new = PipelineGolden.load(path, toy)
    assert new.floors.current
    assert np.array_equal(new.floors.outputs["features"], gold.floors.outputs["features"])


@pytest.mark.parametrize("place", range(12))
def test_a_changed_byte_is_found(path, place):
    data = bytearray(path.read_bytes())
    data[len(data) * place // 12] ^= 1
    path.write_bytes(data)
    with pytest.raises(GoldenError):
        PipelineGolden.load(path)


def test_hostile_metadata_is_refused(gold, path, monkeypatch):
    from modelparity.stages import golden_file

    whole = gold.stages
    odd = (
        [whole[0], replace(whole[1], takes=("events",)), *whole[2:]],
        [*whole, whole[-1]],
        [*whole[:1], replace(whole[1], tensors={"other": "float32"}), *whole[2:]],
        [*whole[:3], replace(whole[3], value=float("inf"))],
    )
    for stages in odd:
        with pytest.raises(GoldenError):
            golden_file.decode(golden_file.encode(replace(gold, stages=tuple(stages))))
    monkeypatch.setattr("modelparity.goldens.safetensors_file.MOST_BYTES", 100)
    with pytest.raises(GoldenError, match="too large"):
        PipelineGolden.load(path)


def test_the_two_kinds_of_golden_say_what_reads_them(toy, path, tmp_path):
    with pytest.raises(GoldenError, match=r"PipelineGolden\.load"):
        mp.Golden.load(path)
    network = mp.golden(Unit("one", 2.0).load(), length=5).save(tmp_path / "network")
    with pytest.raises(GoldenError, match=r"mp\.Golden\.load"):
        PipelineGolden.load(network)


def test_what_does_not_fit_is_refused_with_what_to_do(toy, audio, gold):
    with pytest.raises(InputError, match="no recipes"):
        mp.golden(toy, recipe="noise_large")
    with pytest.raises(InputError, match="not given 'audio'"):
        mp.golden(Unit("one", 2.0).load(), audio=audio)
    with pytest.raises(InputError, match="leave audio"):
        gold.check(audio=audio)
    with pytest.raises(InputError, match="features"):
        gold.check(feature=audio)
    with pytest.raises(InputError, match="nothing is to be judged"):
        gold.check()
    with pytest.raises(InputError, match="does not follow"):
        mp.golden(toy)
    with pytest.raises(GoldenError, match="what a decoder gives"):
        mp.golden(toy, audio=audio, rate=1000, events=[0.1])


class Pair(Decoded):
    """A kind of a family's own: a word and a number."""

    word = "pairs"

    def read(self, value):
        return {"word": str(value["word"]), "share": float(value["share"])}

    def items(self, value):
        return [Item((), (value["word"],))]

    def plain(self, value):
        return self.read(value)


def test_segments_labels_and_kinds_of_a_family_are_held(audio, tmp_path):
    def halves(activations):
        on = float(np.mean(np.asarray(activations) >= 0.5))
        return [(0.0, on, "loud"), (on, 1.0, "quiet")]

    def word(activations):
        return "quiet" if np.mean(np.asarray(activations)) < 0.5 else "loud"

    def pair(activations):
        return {"word": word(activations), "share": np.float64(np.mean(np.asarray(activations) >= 0.5))}

    parts = (
        Given("audio", read=sound),
        Numeric("frames", ("audio",), graph=frames, fine=True),
        Numeric("features", ("frames",), graph=loudness),
        Networks("activations", ("features",), members=(Unit("one", 2.0),)),
        Decoder("parts", ("activations",), function=halves, gives=Segments()),
        Decoder("word", ("activations",), function=word, gives=Label()),
        Decoder("pair", ("activations",), function=pair, gives=Pair()),
    )
    several = Pipeline("toy/several", parts)
    path = mp.golden(several, audio=audio, rate=1000).save(tmp_path / "several")
    right = several.run(audio=audio, rate=1000)
    held = PipelineGolden.load(path)
    assert held["word"] == right["word"]
    assert held.check(parts=right["parts"], word=right["word"]).worst == "exact"
    assert not held.check(word="middling").ok
    with pytest.raises(InputError, match="only its family knows"):
        held.check(pair=right["pair"])
    whole = PipelineGolden.load(path, several)
    assert whole.check(pair=right["pair"]).worst == "exact"
    whole.verify(several)


def test_a_notebook_shows_it(path):
    shown = PipelineGolden.load(path)._repr_html_()
    assert "Golden of toy/loud" in shown
    assert "float32 (50, 1)" in shown
    assert "2 events" in shown


def test_a_golden_says_why_a_value_departs_and_draws_it(toy, audio, path):
    held, right = PipelineGolden.load(path), toy.run(audio=audio, rate=1000)
    late = np.concatenate([right["features"][:1], right["features"][:-1]])
    found = held.check(features=late)
    (cause,) = found["features"].causes
    assert (cause.fault, cause.variant) == ("value late", "1")
    assert found.plot("features")["features"].startswith("<svg")
    assert held.check(features=late, explain=False)["features"].causes == ()
    louder = toy.with_settings(threshold=0.9).run(activations=right["activations"])["events"]
    assert held.check(events=louder)["events"].causes == ()
    (cause,) = held.check(events=right["events"] * 2, pipeline=toy)["events"].causes
    assert (cause.fault, cause.variant) == ("setting fps", "50.0")
    with pytest.raises(GoldenError, match="setting gain"):
        held.check(features=late, pipeline=toy.with_settings(gain=3.0))


def test_the_front_end_is_explained_where_the_networks_are_not(toy, audio, path):
    """What the pipeline cannot run is not asked for."""
    held = PipelineGolden.load(path)
    theirs = toy.with_settings(gain=20.0).run(audio=audio, rate=1000)["features"]
    absent = Networks("activations", ("features",), members=(Absent("one"), Absent("two")))
    gone = with_parts(toy, absent)
    bare = replace(held, stages=tuple(replace(one, networks=None) for one in held.stages))
    (cause,) = bare.check(features=theirs, pipeline=gone)["features"].causes
    assert (cause.fault, cause.variant) == ("setting gain", "20.0")
