"""``modelparity pipeline list | run | check``: what lies in the folder, and what is said if something is wrong."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import numpy as np
import pytest

import modelparity as mp
from modelparity.exchange import sound

soundfile = pytest.importorskip("soundfile")


def test_pipelines_are_listed_with_their_stages(modelparity, toy):
    done = modelparity("pipeline", "list")
    assert done.code == 0
    assert "toy/loud audio features activations events 2 yes" in " ".join(done.out.split())
    one = modelparity("pipeline", "list", "toy/loud")
    assert "features     numeric   frames       loudness of each frame" in one.out
    assert "threshold  0.5    events    a number" in one.out
    assert "beside audio: rate (a whole number or None)" in one.out
    assert "activations: 2 networks, here: yes" in one.out
    wrong = modelparity("pipeline", "list", "toy/lout")
    assert wrong.code == 2
    assert "one of toy/loud" in wrong.err


def test_every_stage_is_in_the_folder(modelparity, toy):
    done = modelparity("pipeline", "run", "toy/loud", "loud.wav", "--to", "out")
    assert done.code == 0, done.err
    want = mp.pipeline("toy/loud").run(audio=sound.read(toy / "loud.wav").samples, rate=1000)
    for name in ("features", "activations"):
        np.testing.assert_array_equal(np.load(toy / "out" / f"{name}.npy"), want[name])
    np.testing.assert_array_equal(np.loadtxt(toy / "out" / "events.txt"), want["events"])
    assert sorted(path.name for path in (toy / "out").iterdir()) == [
        "activations.npy",
        "events.txt",
        "features.npy",
        "result.json",
    ]
    result = json.loads((toy / "out" / "result.json").read_text())
    assert result["pipeline"] == "toy/loud"
    assert result["given"]["audio"]["about"] == "WAV PCM_16, 1000 Hz, mono"
    assert len(result["given"]["audio"]["sha256"]) == 64
    assert f"{len(want['events'])} events" in done.out


def test_settings_and_the_last_stage_are_chosen(modelparity, toy):
    done = modelparity("pipeline", "run", "toy/loud", "loud.wav", "--to", "out", "--set", "gain=1000")
    assert done.code == 0
    more = np.load(toy / "out" / "activations.npy")
    assert json.loads((toy / "out" / "result.json").read_text())["settings"]["gain"] == 1000
    modelparity("pipeline", "run", "toy/loud", "loud.wav", "--to", "out", "--until", "activations")
    assert (np.load(toy / "out" / "activations.npy") < more).all()
    assert not (toy / "out" / "events.txt").exists()  # of the run before


def test_what_follows_is_computed_from_what_is_given(modelparity, toy):
    modelparity("pipeline", "run", "toy/parts", "loud.wav", "--to", "out")
    assert (toy / "out" / "parts.txt").read_text().splitlines()[0].split("\t")[2] == "quiet"
    np.savez(toy / "a.npz", activations=np.ones(20), other=np.zeros(3))
    done = modelparity("pipeline", "run", "toy/parts", "--given", "activations=a.npz", "--to", "two")
    assert done.code == 0, done.err
    assert (toy / "two" / "parts.txt").read_text() == "0.0\t0.2\tloud\n"
    assert (toy / "two" / "word.txt").read_text() == "mostly loud\n"
    again = modelparity(
        *("pipeline", "run", "toy/parts", "--given", "parts=two/parts.txt", "--given", "word=two/word.txt"),
        *("--given", "activations=two/../out/activations.npy", "--to", "three"),
    )
    assert "given: two/word.txt" in again.out


def test_another_rate_is_refused_or_resampled_and_said(modelparity, toy):
    samples = np.repeat(sound.read(toy / "loud.wav").samples, 4)
    sound.write(toy / "four.wav", samples, 4000)
    refused = modelparity("pipeline", "run", "toy/loud", "four.wav", "--to", "out")
    assert refused.code == 2
    assert "--resample 1000" in refused.err
    assert not (toy / "out").exists()
    done = modelparity("pipeline", "run", "toy/loud", "four.wav", "--to", "out", "--resample", "1000")
    assert done.code == 0
    assert "audio: resampled from 4000 to 1000 Hz" in done.out
    assert "resampled" in json.loads((toy / "out" / "result.json").read_text())["notes"][0]
    made = sound.read(toy / "out" / "audio.wav")
    assert (made.rate, made.samples.dtype) == (1000, np.int16)
    again = modelparity("pipeline", "run", "toy/loud", "out/audio.wav", "--to", "again")
    assert again.code == 0
    np.testing.assert_array_equal(np.load("out/features.npy"), np.load("again/features.npy"))


def test_what_is_to_be_known_of_a_sound_is_said(modelparity, toy):
    samples = np.zeros(100, np.float32)
    samples[7] = np.nan
    sound.write(toy / "nan.wav", samples, 1000)
    done = modelparity("pipeline", "run", "toy/loud", "nan.wav", "--to", "out")
    assert done.code == 0
    assert "audio: 1 of 100 samples are not finite" in done.out
    assert not (toy / "out" / "audio.wav").exists()


def test_networks_that_are_not_here_are_said(modelparity, toy, monkeypatch):
    monkeypatch.setenv("MODELPARITY_CACHE", str(toy / "nothing"))
    done = modelparity("pipeline", "list", "madmom/onsets_brnn")
    assert "activations: 8 networks, here: no, 8 are missing: modelparity fetch madmom" in done.out


def test_samples_without_a_rate_are_given_one(modelparity, toy):
    np.save("x.npy", sound.read(toy / "loud.wav").samples)
    assert "another rate" in modelparity("pipeline", "run", "toy/loud", "x.npy", "--to", "out").err
    assert modelparity("pipeline", "run", "toy/loud", "x.npy", "--rate", 1000, "--to", "out").code == 0
    np.savez("x.npz", audio=np.load("x.npy"), rate=1000)
    assert modelparity("pipeline", "run", "toy/loud", "x.npz", "--to", "out").code == 0
    done = modelparity("pipeline", "run", "toy/loud", "loud.wav", "--rate", 44100, "--to", "out")
    assert done.code == 2
    assert "44100, and 1000 in the file" in done.err


def test_each_stage_is_drawn(modelparity, toy):
    import xml.etree.ElementTree as ET

    done = modelparity("pipeline", "run", "toy/parts", "loud.wav", "--to", "out", "--picture")
    assert done.code == 0
    for name in ("audio", "features", "activations", "parts", "word"):
        drawn = ET.fromstring((toy / "out" / f"{name}.svg").read_text())
        assert drawn.tag.endswith("svg")
    assert "loud" in (toy / "out" / "parts.svg").read_text()


def test_a_folder_with_other_things_in_it_stays_as_it_is(modelparity, toy):
    (toy / "mine").mkdir()
    (toy / "mine" / "thesis.txt").write_text("all of it")
    done = modelparity("pipeline", "run", "toy/loud", "loud.wav", "--to", "mine")
    assert done.code == 2
    assert "thesis.txt" in done.err or "no run of a pipeline" in done.err
    assert (toy / "mine" / "thesis.txt").read_text() == "all of it"
    modelparity("pipeline", "run", "toy/loud", "loud.wav", "--to", "out")
    (toy / "out" / "thesis.txt").write_text("all of it")
    assert "thesis.txt" in modelparity("pipeline", "run", "toy/loud", "loud.wav", "--to", "out").err
    assert (toy / "out" / "thesis.txt").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("toy/loudd", "loud.wav"), "one of toy/loud"),
        (("toy/loud", "loud.wav", "--set", "treshold=0.3"), "one of threshold"),
        (("toy/loud", "loud.wav", "--set", "threshold=high"), "a number, such as 0.5"),
        (("toy/loud", "loud.wav", "--set", "gain=1", "--set", "gain=2"), "given twice"),
        (("toy/loud", "loud.wav", "--until", "event"), "one of events"),
        (("toy/loud", "loud.wav", "--given", "feature=x.npy"), "one of features"),
        (("toy/loud", "loud.wav", "--given", "audio=loud.wav"), "given twice"),
        (("toy/loud", "none.wav"), "no such file"),
        (("toy/loud", "loud.xyz"), "the suffix '.xyz'"),
        (("toy/loud",), "AUDIO, or --given audio=FILE"),
        (("toy/loud", "loud.wav", "--given", "features=activations.npz"), "which is another stage"),
        (("toy/loud", "loud.wav", "--given", "activations=two.npz"), "has other values"),
        (("toy/loud", "loud.wav", "--given", "events=two.npz"), "holds several arrays"),
        (("toy/loud", "--given", "events=words.txt"), "line 1"),
    ],
)
def test_what_is_wrong_is_said_with_what_is_near(modelparity, toy, words, told):
    np.savez(toy / "activations.npz", activations=np.zeros(3))
    np.savez(toy / "two.npz", one=np.zeros(3), two=np.zeros(3))
    (toy / "loud.xyz").write_text("x")
    (toy / "words.txt").write_text("one two\n")
    done = modelparity("pipeline", "run", *words, "--to", "out")
    assert done.code == 2
    assert told in done.err
    assert "Traceback" not in done.err
    assert not (toy / "out").exists()


def test_what_else_must_be_given_is_said(modelparity, toy):
    sound.write(toy / "song.wav", np.zeros(44100, np.int16), 44100)
    done = modelparity("pipeline", "run", "madmom/bars", "song.wav", "--to", "out")
    assert done.code == 2
    assert "next:     --given beats=FILE" in done.err


def test_without_soundfile_the_extra_is_named(modelparity, toy, monkeypatch):
    monkeypatch.setitem(sys.modules, "soundfile", None)
    done = modelparity("pipeline", "run", "toy/loud", "loud.wav", "--to", "out")
    assert done.code == 2
    assert "pip install 'modelparity[audio]'" in done.err


@pytest.fixture
def theirs(modelparity, toy):
    """Values that somebody else computed of loud.wav: the right features and events, and louder features."""
    modelparity("pipeline", "run", "toy/loud", "loud.wav", "--to", "out")
    features = np.load(toy / "out" / "features.npy")
    np.savez(toy / "right.npz", features=features)
    np.savez(toy / "louder.npz", features=features * np.float32(1.2))
    np.savez(toy / "half.npz", features=features.astype(np.float16).astype(np.float32))
    return toy


def test_what_agrees_is_0_and_what_departs_is_1(modelparity, theirs):
    well = modelparity("pipeline", "check", "toy/loud", "loud.wav", "--given", "features=right.npz")
    assert well.code == 0, well.err
    assert "toy/loud: ok, exact" in well.out
    wrong = modelparity("pipeline", "check", "toy/loud", "loud.wav", "--given", "features=louder.npz")
    assert wrong.code == 1
    assert "features is wrong, expected rounding" in wrong.out
    assert "follows from features" in wrong.out
    ended = modelparity(
        *(
            "pipeline",
            "check",
            "toy/loud",
            "loud.wav",
            "--given",
            "features=louder.npz",
            "--until",
            "features",
        )
    )
    assert ended.code == 1
    assert "activations" not in ended.out


def test_the_worst_band_that_is_accepted_is_chosen(modelparity, theirs):
    words = ("pipeline", "check", "toy/loud", "loud.wav", "--given", "features=half.npz")
    assert modelparity(*words).code == 1
    done = modelparity(*words, "--expect", "reduced")
    assert done.code == 0
    assert "explained by float16" in done.out


def test_events_as_text_are_compared(modelparity, theirs):
    words = ("pipeline", "check", "toy/loud", "loud.wav")
    assert modelparity(*words, "--given", "events=out/events.txt").code == 0
    (theirs / "late.txt").write_text("0.1\n0.31\n")
    done = modelparity(*words, "--given", "events=late.txt")
    assert done.code == 1
    assert "1 of 2 events missing" in done.out


def test_what_could_not_be_judged_is_2(modelparity, theirs):
    np.save(theirs / "silence.npy", np.zeros(500, np.int16))
    np.savez(theirs / "none.npz", events=np.zeros(0))
    done = modelparity(
        *("pipeline", "check", "toy/loud", "silence.npy", "--rate", 1000, "--given", "events=none.npz")
    )
    assert done.code == 2
    assert "unjudged" in done.out


def test_networks_are_compared_in_their_place(modelparity, toy):
    pytest.importorskip("onnxruntime")
    (toy / "nets").mkdir()
    for member in mp.pipeline("toy/loud").stage("activations").members:
        mp.convert(member.load(), toy / "nets" / f"{member.key}.onnx")
    words = ("pipeline", "check", "toy/loud", "loud.wav")
    done = modelparity(*words, "--networks", "activations=nets")
    assert done.code == 0, done.out + done.err
    assert "2 networks: 2 " in done.out
    one, two = "activations=nets/one.onnx", "activations=nets/two.onnx"
    twice = modelparity(*words, "--networks", two, "--networks", two, "--no-explain")
    assert twice.code == 1
    assert modelparity(*words, "--networks", one).code == 2
    assert "no such file" in modelparity(*words, "--networks", "activations=none").err


def test_results_are_written_as_json_as_a_page_and_as_pictures(modelparity, theirs):
    words = ("pipeline", "check", "toy/loud", "loud.wav", "--given", "features=louder.npz")
    modelparity(*words, "--json", "r.json", "--html", "r.html", "--picture", "pictures")
    found = json.loads((theirs / "r.json").read_text())
    assert (found["pipeline"], found["ok"], found["band"]) == ("toy/loud", False, "wrong")
    page = (theirs / "r.html").read_text()
    assert "follows from features" in page
    assert "toy/loud[louder.npz-loud.wav]" in page
    assert 'src="pictures/features.svg"' in page
    assert sorted(path.name for path in (theirs / "pictures").iterdir()) == [
        "activations.svg",
        "events.svg",
        "features.svg",
    ]
    assert "the difference" in (theirs / "pictures" / "features.svg").read_text()
    said = modelparity(*words, "--json", "-")
    assert said.code == 1
    assert json.loads(said.out)["stages"][0]["name"] == "features"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("loud.wav",), "--given features=FILE"),
        (("--given", "audio=loud.wav"), "--given features=FILE"),
        (("loud.wav", "--given", "features=none.npz"), "no such file"),
        (("loud.wav", "--networks", "features=out"), "has no networks"),
        (("loud.wav", "--given", "features=right.npz", "--until", "audio"), "is not looked at"),
    ],
)
def test_a_check_that_is_none_is_refused(modelparity, theirs, words, told):
    done = modelparity("pipeline", "check", "toy/loud", *words)
    assert done.code == 2
    assert told in done.err


def test_goldens_of_pipelines_are_verified_and_recorded_anew(modelparity, toy):
    heard = sound.read(toy / "loud.wav").samples
    pipeline = mp.pipeline("toy/loud", threshold=0.4)
    path = mp.golden(pipeline, audio=heard, rate=1000).save(
        toy / "golden" / "toy" / "loud.pipeline.safetensors"
    )
    done = modelparity("golden", "verify", "toy")
    assert done.code == 0, done.err
    assert "loud.pipeline.safetensors: toy/loud, as recorded" in done.out
    # What is recorded was computed with another gain: as if the code had changed since.
    old = mp.golden(mp.pipeline("toy/loud", gain=101.0), audio=heard, rate=1000)
    replace(old, settings=mp.pipeline("toy/loud").settings, chosen={}).save(path)
    done = modelparity("golden", "verify", path)
    assert done.code == 1
    assert "stage 'features', features[" in done.err
    assert modelparity("golden", "verify", path, "--update").code == 0
    assert modelparity("golden", "verify", path).code == 0
    path.write_bytes(path.read_bytes()[:-1])
    assert modelparity("golden", "verify", path).code == 1
    wrong = modelparity("golden", "verify", "nothing")
    assert wrong.code == 2
    assert "no golden of a pipeline" in wrong.err
    assert modelparity("golden", "verify").code == 2
    assert modelparity("golden", "verify", path, "--status").code == 2


def test_a_golden_is_recorded_and_judges_without_the_sound(modelparity, theirs):
    name = "loud.pipeline.safetensors"
    recorded = ("pipeline", "golden", "toy/loud", "loud.wav", "--set", "threshold=0.4", "--to", name)
    done = modelparity(*recorded)
    assert done.code == 0, done.err
    assert f"{name}: <golden of toy/loud, threshold=0.4: audio float32" in done.out
    again = modelparity(*recorded)
    assert (again.code, "--update" in again.err) == (2, True)
    assert modelparity(*recorded, "--update").code == 0
    judged = ("pipeline", "check", "toy/loud", "--golden", name)
    assert modelparity(*judged, "--given", "features=right.npz").code == 0
    wrong = modelparity(
        *(*judged, "--given", "features=louder.npz", "--picture", "drawn", "--html", "page.html"),
        *("--json", "found.json"),
    )
    assert wrong.code == 1
    assert "1.2 times what it should be" in wrong.out
    assert (theirs / "drawn" / "features.svg").read_text().count("candidate")
    page = (theirs / "page.html").read_text()
    assert "drawn/features.svg" in page
    assert "<td>golden</td>" in page
    (stage,) = json.loads((theirs / "found.json").read_text())["stages"]
    assert stage["causes"][0]["fault"] == "value factor"
    gain = mp.pipeline("toy/loud", gain=200.0).run(audio=sound.read(theirs / "loud.wav").samples, rate=1000)[
        "features"
    ]
    np.savez(theirs / "gain.npz", features=gain)
    assert "gain=200.0 in stage features" in modelparity(*judged, "--given", "features=gain.npz").out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("toy/parts", "--golden", "loud.pipeline.safetensors"), "a golden of another pipeline"),
        (("toy/loud", "loud.wav", "--golden", "loud.pipeline.safetensors"), "what it was recorded of"),
        (("toy/loud", "--golden", "loud.pipeline.safetensors"), "nothing is to be judged"),
        (("toy/loud", "--golden", "loud.wav", "--given", "features=right.npz"), "loud.wav"),
    ],
)
def test_what_no_golden_judges_is_said(modelparity, theirs, words, told):
    modelparity("pipeline", "golden", "toy/loud", "loud.wav", "--to", "loud.pipeline.safetensors")
    done = modelparity("pipeline", "check", *words)
    assert done.code == 2
    assert told in done.err
    named = modelparity("pipeline", "golden", "toy/loud", "loud.wav", "--to", "loud.safetensors")
    assert (named.code, "*.pipeline.safetensors" in named.err) == (2, True)
