"""Packages that are broken or take a name that is taken: each an error with the package's name and the next step."""

from __future__ import annotations

import pytest

import modelparity as mp
from modelparity.cli import main
from modelparity.engine.operator import find, names
from modelparity.errors import ConversionError, GraphError, PluginError
from modelparity.formats.onnx.lowering import lowers
from modelparity.formats.registry import formats, named
from modelparity.runtimes.registry import runtime, runtime_for

from .conftest import ROOT, one

#: Kind -> (group, what looks one up by name, what asks for all, code that makes a good one of a name, a taken name).
RUNTIME = """
from modelparity.runtimes import Runtime
class R(Runtime):
    name = {name!r}
    def accepts(self, artefact): return False
    def run(self, artefact, feeds): return {{}}
MADE = R()
"""
FORMAT = "from modelparity.formats import Format\nMADE = Format({name!r}, ('.odd',))\n"
OPERATOR = """
from modelparity.engine.operator import operator
@operator()
def MADE(ar, x): return x
MADE.__name__ = {name!r}
MADE = operator()(MADE)
"""
KINDS = {
    "runtime": ("modelparity.runtimes", runtime, lambda: runtime_for(3), RUNTIME, "onnxruntime"),
    "format": ("modelparity.formats", named, formats, FORMAT, "onnx"),
    "operator": ("modelparity.operators", find, names, OPERATOR, "relu"),
}
every = pytest.mark.parametrize("kind", KINDS)


@every
def test_a_good_one_is_found(kind, package):
    group, look, _, code, _ = KINDS[kind]
    package(one("good", group, f"good-{kind}", code.format(name=f"good-{kind}")))
    assert look(f"good-{kind}").name == f"good-{kind}"


@every
@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import not_installed_anywhere", r"does not import: ModuleNotFoundError.*not_installed_anywhere"),
        ("raise SystemExit('out of order')", r"does not import: SystemExit: out of order"),
        ("", r"does not import: AttributeError"),
        ("MADE = 3", r"is no {kind}.*broken:MADE is an int.*expected: .*docs/extending/{kind}\.md"),
        ("class MADE: name = 'broken-{kind}'", r"is no {kind}.*the class MADE"),
        ("{other}", r"called 'another' by itself and 'broken-{kind}' by its entry point"),
    ],
)
def test_a_broken_one_is_loud_and_named(kind, code, words, package):
    group, look, _, good, _ = KINDS[kind]
    code = code.replace("{kind}", kind).replace("{other}", good.format(name="another"))
    package(one("broken", group, f"broken-{kind}", code))
    for _ in range(2):  # as loud the second time
        with pytest.raises(
            PluginError, match=f"(?s){kind} 'broken-{kind}' of broken 1.5: .*{words.format(kind=kind)}"
        ):
            look(f"broken-{kind}")


@pytest.mark.parametrize("kind", ["runtime", "format"])
def test_a_broken_one_does_not_pass_where_all_are_asked(kind, package):
    group, look, everything, _, taken = KINDS[kind]
    package(one("broken", group, "odd", "raise ValueError('no luck')"))
    with pytest.raises(PluginError, match=rf"{kind} 'odd' of broken 1\.5: .*no luck"):
        everything()
    assert look(taken).name == taken  # who names another is not stopped


@every
def test_two_of_one_name_are_both_named(kind, package):
    group, look, everything, code, _ = KINDS[kind]
    for name in ("first", "second"):
        package(one(name, group, f"twice-{kind}", code.format(name=f"twice-{kind}")))
    for ask in (everything, lambda: look(f"twice-{kind}")):
        with pytest.raises(
            PluginError, match=rf"(?s)two packages.* {kind} called 'twice-{kind}'.*first 1\.5 and second 1\.5"
        ):
            ask()


@every
def test_nobody_replaces_what_is_built_in(kind, package):
    group, look, everything, code, taken = KINDS[kind]
    package(one("impostor", group, taken, code.format(name=taken)))
    find.cache_clear()  # an operator that ran before was looked up before the package came
    for ask in (everything, lambda: look(taken)):
        with pytest.raises(
            PluginError, match=rf"impostor 1\.5: .*{kind} called '{taken}', as modelparity itself"
        ):
            ask()


def test_a_class_without_a_method_says_which(package):
    code = "from modelparity.runtimes import Runtime\nclass R(Runtime):\n    def run(self, a, f): ...\nMADE = R()"
    package(one("half", "modelparity.runtimes", "half", code))
    with pytest.raises(PluginError, match=r"runtime 'half' of half 1\.5: .*TypeError: .*accepts"):
        runtime("half")


def test_an_unknown_name_lists_strangers_too(package):
    package(one("good", "modelparity.operators", "my_wave", OPERATOR.format(name="my_wave")))
    with pytest.raises(GraphError, match="one of my_wave"):
        find("my_wvae")


LOWERS = "from modelparity.formats.onnx.lowering import lowers\n@lowers({name!r})\ndef f(b, c): ...\n"
GROUP = "modelparity.formats.onnx.lowerings"


def test_a_module_that_writes_what_is_written_is_named(package):
    package(one("impostor", GROUP, "mine", LOWERS.format(name="lstm"), target=""))
    for _ in range(2):
        with pytest.raises(
            PluginError,
            match=rf"(?s)module 'mine' of impostor 1\.5: .*'lstm' is handled twice.*{GROUP}\.recurrent and impostor",
        ):
            lowers.all()


def test_half_a_module_leaves_nothing(package):
    package(
        one("half", GROUP, "mine", LOWERS.format(name="half_op") + "raise ValueError('no luck')", target="")
    )
    for _ in range(2):
        with pytest.raises(PluginError, match=r"module 'mine' of half 1\.5: .*no luck"):
            lowers.all()


def test_a_table_is_whole_again_without_it(package):
    assert "half_op" not in lowers.all()
    assert "lstm" in lowers.all()


WRITTEN = """
from modelparity.formats import Format
MADE = Format("odd", (".odd",), write=lambda graph, path: path.write_text("?"))
"""


def test_what_nobody_can_look_into_is_not_converted(package, tmp_path):
    package(one("odd", "modelparity.formats", "odd", WRITTEN))
    spec = mp.TensorSpec("x", (mp.Axis("time"),))
    graph = mp.Graph("g", (spec,), ("y",), (mp.Node("t", "tanh", ("x",), ("y",)),), {})
    with pytest.raises(ConversionError, match=r"(?s)written as odd are not accounted for.*next: .*read="):
        mp.convert(graph, tmp_path / "net.odd")
    assert not (tmp_path / "net.odd").exists()


FAULTY = """
from modelparity.formats import Format
def sniff(head, path): return {sniff}
def read(path): return {read}
def write(graph, path): return {write}
MADE = Format("faulty", (".odd",), sniff, read=read, write=write)
"""


@pytest.mark.parametrize(
    ("fault", "doing"),
    [
        ({"sniff": "1 / 0"}, "looking at a file: ZeroDivisionError"),
        ({"read": "1 / 0"}, "reading: ZeroDivisionError: division by zero"),
        ({"read": "{}"}, "reading: TypeError: .* gave a dict, and no Graph"),
    ],
)
def test_what_a_format_does_wrong_is_said_with_its_package(fault, doing, package, tmp_path):
    code = FAULTY.format(**{"sniff": "path.suffix == '.odd'", "read": "None", "write": "None", **fault})
    package(one("faulty", "modelparity.formats", "faulty", code))
    (tmp_path / "net.odd").write_text("?")
    with pytest.raises(PluginError, match=rf"net\.odd: format 'faulty' of faulty 1\.5 failed while {doing}"):
        mp.load(tmp_path / "net.odd")


def test_a_writer_that_fails_is_named_and_leaves_nothing(package, tmp_path):
    code = FAULTY.format(sniff="False", read="None", write="1 / 0")
    package(one("faulty", "modelparity.formats", "faulty", code))
    spec = mp.TensorSpec("x", (mp.Axis("time"),))
    graph = mp.Graph("g", (spec,), ("y",), (mp.Node("t", "tanh", ("x",), ("y",)),), {})
    with pytest.raises(
        PluginError, match=r"format 'faulty' of faulty 1\.5 failed while writing: ZeroDivisionError"
    ):
        mp.convert(graph, tmp_path / "net.odd")
    assert list(tmp_path.glob("*.odd")) == []


def test_a_runtime_that_fails_while_it_is_asked_is_named(package):
    code = RUNTIME.format(name="faulty").replace("return False", "return 1 / 0")
    package(one("faulty", "modelparity.runtimes", "faulty", code))
    with pytest.raises(
        PluginError, match=r"runtime 'faulty' of faulty 1\.5 failed while asked what it accepts"
    ):
        runtime_for("net.xyz")


@every
def test_the_command_line_ends_with_two_and_the_packages_name(kind, package, capsys):
    group, _, _, code, taken = KINDS[kind]
    package(one("impostor", group, taken, code.format(name=taken)))
    asked = ["list"] if kind != "operator" else ["check", *2 * [str(ROOT / "fixtures" / "rnn.pkl")]]
    find.cache_clear()
    assert main(asked) == 2
    told = capsys.readouterr()
    assert f"impostor 1.5: this package registers a {kind} called '{taken}'" in told.out + told.err
