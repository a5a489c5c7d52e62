"""parity.toml: comparisons as data, collected as tests."""

from __future__ import annotations

import json

import numpy as np
import pytest

from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.formats import registry

SUFFIX = ".toynet"


def toynet(path):
    """A format of the bed's own: JSON with a matrix, and the names that the ends have."""
    said = json.loads(path.read_text())
    x, y = said.get("names", ("x", "y"))
    table, weight = np.array(said["table"], "float32"), np.array([[2.0, 1.0], [0.5, -1.0]], "float32")
    inputs = (
        TensorSpec(x, (Axis("n"), Axis("length"), Axis("feature", 2))),
        TensorSpec("ids", (Axis("n"), Axis("length")), "int64"),
    )
    nodes = (
        Node("dense", "dense", (x, "w", "b"), ("h",)),
        Node("look", "gather", ("t", "ids"), ("e",)),
        Node("sum", "add", ("h", "e"), (y,)),
    )
    return Graph(path.stem, inputs, (y,), nodes, {"w": weight, "b": np.zeros(2, "float32"), "t": table})


@pytest.fixture
def bed(pytester, monkeypatch):
    """Files of the format; write a parity.toml and run pytest on it."""
    known = registry._own()
    made = registry.Format("toynet", (SUFFIX,), lambda head, path: path.suffix == SUFFIX, toynet)
    monkeypatch.setitem(known, "toynet", made)
    for name, said in (
        ("ref", {"table": [[0, 1], [2, 3], [4, 5]]}),
        ("same", {"table": [[0, 1], [2, 3], [4, 5]]}),
        ("named", {"table": [[0, 1], [2, 3], [4, 5]], "names": ("audio", "out")}),
        ("bent", {"table": [[0, 1], [2, 3], [4, 5.5]]}),
    ):
        (pytester.path / f"{name}{SUFFIX}").write_text(json.dumps(said))

    def run(text, *arguments, folder="."):
        path = pytester.path / folder / "parity.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return pytester.runpytest(*arguments)

    return run


PAIR = '[net]\nreference = "ref.toynet"\ncandidates = ["same.toynet"]\n'


def test_three_lines_are_a_test_of_several_lengths(bed, ids):
    result = bed(PAIR, "-v")
    result.assert_outcomes(passed=3)
    assert ids(result) == [f"net[same.toynet-{recipe}]" for recipe in ("noise", "odd_length", "one_frame")]
    result.stdout.fnmatch_lines(["model *same.toynet*", "net *exact 0*"])


def test_a_wrong_candidate_fails_in_words(bed):
    result = bed(PAIR.replace("same", "bent"))
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines(["wrong, expected rounding: bent.toynet run by engine*"])


def test_ranges_are_tried_at_their_ends_and_between(bed, ids):
    table = '[net.inputs]\nx = ["n=1", "time=16..400", 2]\nids = { shape = ["n", "time"], below = 2 }\n'
    result = bed(PAIR + table, "-v")
    assert ids(result) == [f"net[same.toynet-noise-time={size}]" for size in (16, 209, 400)]
    result.assert_outcomes(passed=3)


def level(path):
    """The level of a sound, but for what is quieter than the number that the file holds."""
    nodes = (
        Node("size", "abs", ("audio",), ("size",)),
        Node("least", "clip", ("size",), ("least",), {"min": float(path.read_text())}),
        Node("level", "log", ("least",), ("y",)),
    )
    spec = TensorSpec("audio", (Axis("one", 1), Axis("samples")))
    return Graph(path.stem, (spec,), ("y",), nodes, {})


def test_ranges_are_tried_on_what_the_inputs_ask_for_too(bed, monkeypatch, pytester):
    """Sound of full level shows no fault in what is quiet."""
    made = registry.Format("level", (".level",), lambda head, path: path.suffix == ".level", level)
    monkeypatch.setitem(registry._own(), "level", made)
    for name, least in (("ref", 1e-9), ("same", 1e-9), ("deaf", 1e-5)):
        (pytester.path / f"{name}.level").write_text(str(least))
    text = (
        '[net]\nreference = "ref.level"\ncandidates = ["{}.level"]\ninputs.audio = [1, "samples=64..128"]\n'
    )
    bed(text.format("same")).assert_outcomes(passed=3)
    result = bed(text.format("deaf"))
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines(["*noise: rounding*", "*from_silence: wrong*"])
    bed(text.format("deaf") + 'recipes = "noise"\n').assert_outcomes(passed=3)


def test_what_integers_stay_below_is_what_the_table_says(bed):
    """The tables differ in row 2 alone."""
    bed(PAIR.replace("same", "bent") + "inputs.ids = { below = 2 }\n").assert_outcomes(passed=3)


def test_bands_by_candidate_and_names(bed):
    more = 'expect = { "named.toynet" = "exact" }\nrecipes = "noise_small"\nnames = { x = "audio" }\n'
    bed(PAIR.replace("same", "named") + more).assert_outcomes(passed=1)
    result = bed(PAIR.replace("same", "named") + more.replace("audio", "sound"))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*the candidate has no input 'sound'*"])


def test_paths_and_names_are_those_of_the_folder(bed, pytester):
    text = PAIR.replace('"ref', '"../ref').replace('"same', '"../same')
    result = bed(text, "--parity-report=out", folder="nets")
    result.assert_outcomes(passed=3)
    cases = json.loads((pytester.path / "out" / "report.json").read_text())["cases"]
    assert {case["model"] for case in cases} == {"nets/net"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[net", "not readable as TOML"),
        ("", "declares no comparison"),
        ("net = 1", "is of another kind"),
        ('[net]\nreference = "ref.toynet"', "candidates is missing"),
        (PAIR.replace("same", "gone"), "there is no such file"),
        (PAIR + "recipe = 'noise'", "unknown key 'recipe'"),
        (PAIR + "recipes = ['nois']", "unknown recipe 'nois'"),
        (PAIR + "expect = 'fine'", "'fine' is not a band to expect"),
        (PAIR + "expect = { other = 'exact' }", "no candidate 'other'"),
        (PAIR + "seed = -1", "a seed is a whole number from 0 on"),
        (PAIR + "inputs.x = 'time=5'", "is of another kind"),
        (PAIR + "inputs.x = ['time=9..5']", "not an axis"),
        (PAIR + "inputs.x = ['time=0']", "not an axis"),
        (PAIR + "inputs.x = ['t=1..2', 't=1..3']", "axis 't' has two ranges"),
        (PAIR + "inputs.x = { shap = [1] }", "unknown key 'shap'"),
        (PAIR + "inputs.ids = { below = 0 }", "below is a whole number from 1 on"),
        (PAIR + "names.x = 3", "is of another kind"),
    ],
)
def test_what_is_not_understood_is_an_error(bed, text, words):
    result = bed(text)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{words}*".replace("[", "[[]")])
    assert "Traceback" not in result.stdout.str()


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ("x = ['n', 'time', 3]", "axis 2 has another size"),
        ("x = ['n', 'time']", "another number of axes"),
        ("audio = [1]", "the reference has no input 'audio'"),
        ("x = ['n=1', 'time', 2]\nids = ['n=2', 'time']", "axis 0 has another size"),
    ],
)
def test_what_the_reference_does_not_have_fails_in_words(bed, inputs, words):
    result = bed(PAIR + f"[net.inputs]\n{inputs}\n")
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines([f"*{words}*"])


def test_strictness_and_markers_hold_here_too(bed):
    bed(PAIR, "-m", "parity").assert_outcomes(passed=3)
    bed(PAIR, "-m", "not parity").assert_outcomes(deselected=3)


def test_a_pinned_fit_holds_until_it_changes(bed, pytester):
    pair = PAIR.replace("same", "named")
    bed(pair).assert_outcomes(passed=3)
    pinned = pair + 'fit = { inputs = { x = "audio", ids = "ids" }, outputs = { y = "out" } }\n'
    bed(pinned).assert_outcomes(passed=3)
    result = bed(pinned.replace("named", "same"))
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines(
        ["*the fit is not the one that was pinned: the identity; pinned: x is audio; y is out*"]
    )
    bed(pair + 'fit = "strict"\n').assert_outcomes(failed=3)
    bed(pair, "--parity-fit=strict").assert_outcomes(failed=3)
    bed(PAIR, "--parity-fit=strict").assert_outcomes(passed=3)
    bed(pair + "fit = { sizs = 3 }\n").assert_outcomes(errors=1)
    bed(pair + 'ignore = ["y"]\nfill.ids = 1\n').assert_outcomes(failed=3)
    bed(pair + "fill.ids = 1\n").assert_outcomes(passed=3)
    bed(pair + 'fill.ids = "one"\n').assert_outcomes(errors=1)


def test_one_candidate_has_options_of_its_own(bed):
    two = PAIR.replace('["same.toynet"]', '["same.toynet", { file = "named.toynet", names.x = "audio" }]')
    bed(two).assert_outcomes(passed=6)
    one = two.replace("names.x", "expect = 'reduced', fit = 'strict', names.x")
    result = bed(one)
    result.assert_outcomes(passed=3, failed=3)
    result.stdout.fnmatch_lines(["*fit='strict' and names contradict each other*"])


def test_limits_and_sizes_are_as_check_takes_them(bed):
    result = bed(PAIR + "limits.elements = 1\n")
    result.assert_outcomes(skipped=3)
    result.stdout.fnmatch_lines(["*too large at n=1, length=1:*limits.elements (parity.toml)*"])
    bed(PAIR + "sizes.length = 7\n").assert_outcomes(passed=3)
    own = PAIR.replace('"same.toynet"', '{ file = "same.toynet", limits.elements = 1 }, "named.toynet"')
    bed(own).assert_outcomes(skipped=3, passed=3)
    bed(PAIR + "sizes.lenght = 7\n").assert_outcomes(failed=3)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("limits.element = 5", "no limit 'element'"),
        ("limits.elements = 0", "a number above 0"),
        ("sizes.length = 0", "no such size"),
        ("sizes.length = 7\ninputs.x = ['n', 'length=8', 2]", "inputs and sizes contradict each other"),
        (
            "expect = {'same.toynet' = 'exact'}",
            "expect and the expect of 'same.toynet' contradict each other",
        ),
    ],
)
def test_what_is_wrong_or_contradictory_says_so(bed, line, said):
    text = PAIR + line + "\n"
    if "expect" in line:
        text = text.replace('"same.toynet"]', '{ file = "same.toynet", expect = "reduced" }]')
    result = bed(text)
    result.stdout.fnmatch_lines([f"*{said}*"])
    assert result.ret != 0


def test_a_fit_on_the_command_line_and_another_in_the_file_contradict_each_other(bed):
    pinned = PAIR.replace("same", "named") + 'fit = { inputs = { x = "audio" }, outputs = { y = "out" } }\n'
    result = bed(pinned, "--parity-fit=strict")
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines(["*--parity-fit and fit (parity.toml) contradict each other*"])
