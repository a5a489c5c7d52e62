"""Tables of pipelines in a parity.toml: collected as tests with the marker e2e, judged stage by stage."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.signal  # noqa: F401 - once, for pytester forgets what is first loaded in a run of its own

from modelparity.errors import InputError
from modelparity.exchange import sound
from modelparity.plugin.parity_toml import entries

TOY = Path(__file__).parents[1] / "toy"
#: A front end of somebody's, without this package.
FRONT = """
import sys
import wave
import numpy as np
with wave.open(sys.argv[1]) as file:
    samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
frames = (samples / 32767).astype("float32").reshape(-1, 10)
np.savez(sys.argv[2], features=np.log1p(float(sys.argv[3]) * np.square(frames).mean(axis=1, keepdims=True)))
"""
TABLE = """
[loud]
pipeline = "toy/loud"
audio = ["a.wav", "b.flac"]
candidates = [{ name = "swift", values.features = "swift/{clip}.npy" }]
"""


@pytest.fixture
def bed(pytester, third_party, monkeypatch):
    """Two sounds, what somebody computed of them, and the toy family; write a parity.toml and run pytest on it."""
    soundfile = pytest.importorskip("soundfile")
    third_party("toy-family", "toy_family", (TOY / "toy_family.py").read_text(), "toy = toy_family:FAMILY")
    rng = np.random.default_rng(0)
    (pytester.path / "swift").mkdir()
    (pytester.path / "front.py").write_text(FRONT)
    for name in ("a.wav", "b.flac"):
        loud = np.repeat([0.01, 1.0, 0.02, 1.2, 0.01], 100) * 10000
        samples = np.clip(rng.standard_normal(500) * loud, -32768, 32767).astype(np.int16)
        soundfile.write(pytester.path / name, samples, 1000, subtype="PCM_16")
        frames = (samples / 32767).astype(np.float32).reshape(-1, 10)
        features = np.log1p(np.float32(100) * np.square(frames).mean(axis=1, keepdims=True))
        np.save(pytester.path / "swift" / f"{name[0]}.npy", features)
        np.save(pytester.path / "swift" / f"{name[0]}_bent.npy", features * np.float32(1.2))

    def run(text, *arguments):
        (pytester.path / "parity.toml").write_text(text)
        return pytester.runpytest(*arguments)

    return run


def test_a_test_for_each_candidate_and_sound(bed, ids):
    result = bed(TABLE, "-v", "-m", "e2e")
    assert ids(result) == ["loud[swift-a.wav]", "loud[swift-b.flac]"]
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["model *swift*", "loud *rounding*"])
    bed(TABLE, "-m", "parity and not e2e").assert_outcomes(deselected=2)


def test_a_stage_that_departs_fails_in_words_and_the_rest_follows(bed):
    result = bed(TABLE.replace("{clip}.npy", "{clip}_bent.npy"))
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        ["toy/loud: features is wrong, expected rounding", "*activations *follows from features*"]
    )


def test_what_is_chosen_for_a_table_and_for_a_candidate_holds(bed):
    half = "candidates = [{ name = 'half', values.features = 'half.npy' }]"
    table = TABLE.replace(', "b.flac"', "").replace(TABLE.splitlines()[-1], half)
    np.save("half.npy", np.load("swift/a.npy").astype(np.float16).astype(np.float32))
    other = ", { name = 'any', values.features = 'half.npy', expect = 'reduced' }]"
    bed(table.replace(" }]", " }" + other)).assert_outcomes(failed=1, passed=1)
    bed(table + "expect = 'reduced'\n").assert_outcomes(passed=1)
    bed(table, "--parity-expect=reduced").assert_outcomes(passed=1)
    bed(table + "expect = 'reduced'\nsettings.gain = 10\n").assert_outcomes(failed=1)


def test_a_command_is_a_candidate(bed, pytester):
    command = [sys.executable, "{here}/front.py", "{audio}", "{out}", "100"]
    table = (
        '[loud]\npipeline = "toy/loud"\naudio = ["a.wav", "b.flac"]\n'
        f"[[loud.candidates]]\nname = 'cpp'\ncommand = {json.dumps(command)}\nstages = ['features']\n"
    )
    bed(table).assert_outcomes(passed=2)  # the other sound reaches it as WAV
    table = table.replace(', "b.flac"', "")
    bed(table.replace('"100"', '"90"')).assert_outcomes(failed=1)
    slow = [sys.executable, "-S", "-c", "import time; time.sleep(60)", "{out}"]
    result = bed(table.replace(json.dumps(command), json.dumps(slow)) + "seconds = 0.5\n")
    result.stdout.fnmatch_lines(["*parity.toml, ?loud?, cpp: the program did not end within 0.5 seconds"])
    result.assert_outcomes(failed=1)
    broken = [sys.executable, "-S", "-c", "print('no licence'); raise SystemExit(3)", "{out}"]
    result = bed(table.replace(json.dumps(command), json.dumps(broken)))
    result.stdout.fnmatch_lines(["*the program ended with exit code 3", "*found: *no licence"])


def test_networks_are_candidates(bed, pytester):
    pytest.importorskip("onnxruntime")
    import modelparity as mp

    (pytester.path / "nets").mkdir()
    for member in mp.pipeline("toy/loud").stage("activations").members:
        mp.convert(member.load(), pytester.path / "nets" / f"{member.key}.onnx")
    right = '{ name = "onnx", networks = "nets" }'
    wrong = '{ name = "twice", networks = ["nets/two.onnx", "nets/two.onnx"] }'
    table = TABLE.replace(TABLE.splitlines()[-1], f"candidates = [{right}, {wrong}]")
    result = bed(table.replace(', "b.flac"', ""), "--parity-no-explain")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["toy/loud: activations is wrong*"])


def test_another_rate_is_refused_or_resampled_and_said(bed, pytester):
    sound.write(pytester.path / "a.wav", np.repeat(sound.read(pytester.path / "a.wav").samples, 4), 4000)
    table = TABLE.replace(', "b.flac"', "").replace("swift/{clip}.npy", "c.npy")
    np.save("c.npy", np.load("swift/a.npy"))
    result = bed(table)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*another rate*", "*resample*"])
    bed(table + "resample = 1000\n", "--parity-report=rep").assert_outcomes(failed=1)  # of other samples
    case = json.loads((pytester.path / "rep" / "report.json").read_text())["cases"][0]
    assert "resampled from 4000 to 1000 Hz" in case["verdict"]["inputs"]["sound"][0]


def test_reports_have_every_stage(bed, pytester):
    bed(TABLE.replace("{clip}.npy", "{clip}_bent.npy"), "--parity-report=rep", "--junitxml=j.xml")
    case = json.loads((pytester.path / "rep" / "report.json").read_text())["cases"][0]
    assert case["verdict"]["inputs"]["pipeline"] == "toy/loud"
    stages = {one["inputs"]["recipe"]: one for one in case["verdict"]["cases"]}
    assert stages["features"]["band"] == "wrong"
    assert stages["activations"]["inputs"]["follows"] == "features"
    page = (pytester.path / "rep" / "report.html").read_text()
    assert "Pipelines, stage by stage" in page
    assert "follows from features" in page
    assert 'src="pictures/loud_swift-a.wav_/features.svg"' in page
    assert (pytester.path / "rep" / "pictures" / "loud_swift-a.wav_" / "features.svg").is_file()
    assert 'name="parity_band" value="wrong"' in (pytester.path / "j.xml").read_text()


def test_differences_may_be_known_and_stale_ids_are_errors(bed):
    bent = TABLE.replace("{clip}.npy", "{clip}_bent.npy")
    known = "[[known]]\ncase = 'loud[swift-*]'\nreason = 'another gain'\nuntil = 2999-01-01\n"
    bed(bent + known).assert_outcomes(xfailed=2)
    result = bed(bent + known.replace("swift", "swfit"))
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*a known difference matches no case*"])


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("toy/loud", "toy/lout", "one of toy/loud"),
        ("audio =", "sound =", "unknown key 'sound'"),
        ('"b.flac"', '"c.flac"', "there is no such file"),
        ("values.features", "values.feature", "one of features"),
        ("values.features", "values.audio", "is given by audio"),
        ("values.features", "vlaues.features", "one of values"),
        ("{clip}.npy", "{clip}.npz", "there is no such file"),
        ('name = "swift", ', "", "a name for the report"),
        ("[{ name", '[{ expect = "good", name', "not a band to expect"),
        ("values.features = ", "command = ", "a command and the stages that it writes go together"),
        ("values.features = ", "networks.features = ", "stage 'features' has no networks"),
        ("candidates", "settings.gian = 1\ncandidates", "one of gain"),
        ("candidates", "until = 'event'\ncandidates", "one of events"),
        ("candidates", "resample = 'yes'\ncandidates", "a rate is a whole number"),
        ("candidates", "given.beats = 'a.wav'\ncandidates", "there is no stage 'beats'"),
    ],
)
def test_what_is_not_understood_is_an_error(bed, pytester, old, new, told):
    (pytester.path / "parity.toml").write_text(TABLE.replace(old, new))
    with pytest.raises(InputError) as caught:
        entries(pytester.path / "parity.toml")
    assert told in str(caught.value)
    assert "parity.toml, [loud]" in str(caught.value)


def test_and_pytest_says_so_at_collection(bed):
    result = bed(TABLE.replace("toy/loud", "toy/lout"))
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*one of toy/loud*"])


def test_a_table_is_data(bed, pytester):
    (pytester.path / "parity.toml").write_text(TABLE)
    (found,), known = entries(pytester.path / "parity.toml", "sub/")
    assert (found.key, found.candidates, found.recipes) == ("sub/loud", ("swift",), ("a.wav", "b.flac"))
    assert not found.fetched
    assert not known


def test_networks_that_are_not_here_are_missed_only_where_they_run(bed, pytester, monkeypatch):
    monkeypatch.setenv("MODELPARITY_CACHE", str(pytester.path / "nothing"))
    table = TABLE.replace("toy/loud", "madmom/onsets_brnn")
    (pytester.path / "parity.toml").write_text(table)
    (found,), _ = entries(pytester.path / "parity.toml")
    assert "modelparity fetch madmom" in found.missing()
    assert found.fetched
    (pytester.path / "parity.toml").write_text(table + "until = 'features'\n")
    (found,), _ = entries(pytester.path / "parity.toml")
    assert found.missing() is None
    assert not found.fetched
