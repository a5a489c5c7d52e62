"""The pytest plugin's front: options, markers and hooks. Everything heavy is imported when a parity test exists.

Options have one prefix and a twin in the configuration file: ``--parity-family X`` is ``parity_family = X``.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .plugin.session import ParitySession

#: Option -> (type of its twin, keywords for the parser, help). The twin is named as the option, with underscores.
OPTIONS: dict[str, tuple[Any, dict[str, Any], str]] = {
    "--parity-candidate": (
        "paths",
        {"metavar": "CAND", "action": "append"},
        "a candidate for --parity; repeatable",
    ),
    "--parity-family": ("linelist", {"metavar": "NAME", "action": "append"}, "only this family; repeatable"),
    "--parity-model": (
        "linelist",
        {"metavar": "GLOB", "action": "append"},
        "only models that match; repeatable",
    ),
    "--parity-backend": (
        "linelist",
        {"metavar": "NAME", "action": "append"},
        "only this backend; repeatable",
    ),
    "--parity-recipe": (
        "linelist",
        {"metavar": "NAME", "action": "append"},
        "only this input recipe ('recorded': what the original framework ran on); repeatable",
    ),
    "--parity-expect": (
        None,
        {"metavar": "BAND"},
        "worst band that passes: exact, rounding (default) or reduced",
    ),
    "--parity-golden": (
        None,
        {"metavar": "MODE"},
        "stored (default), live, missing (record those) or update (all)",
    ),
    "--parity-golden-dir": (
        None,
        {"metavar": "DIR"},
        "where goldens lie; 'golden' under the root by default",
    ),
    "--parity-update": (
        "bool",
        {"action": "store_true"},
        "record every selected golden again; --parity-golden=update",
    ),
    "--parity-strict": (
        "bool",
        {"action": "store_true"},
        "what could not be judged fails instead of being skipped",
    ),
    "--parity-no-explain": (
        "bool",
        {"action": "store_true"},
        "do not find out on which side and where a wrong candidate departs",
    ),
    "--parity-fit": (
        None,
        {"metavar": "strict|FILE.json"},
        "'strict': names and axes of candidates must be the reference's; a file: they must fit as it says",
    ),
    **{
        f"--parity-{name}": (
            "linelist",
            {"metavar": f"[CAND:]{value}", "action": "append"},
            f"{text}, of --parity's candidates or of one; repeatable",
        )
        for name, value, text in (
            ("name", "REF=NAME", "what an input or output of the reference is called"),
            ("fill", "INPUT=VALUE", "the value of an input that only one side has"),
            ("ignore", "OUTPUT", "an output of the reference that is meant to be missing"),
            ("size", "AXIS=N", "the size of a free axis"),
            ("below", "INPUT=N", "what the whole numbers of an input stay below"),
            ("limit", "elements|seconds=N", "what one run of the reference may take"),
        )
    },
    "--parity-report": (None, {"metavar": "DIR"}, "write report.json, report.html and report.md there"),
}
MARKERS = {
    "parity": "a converted model is compared with its reference (modelparity)",
    "models": "needs networks that are fetched, not shipped",
    "e2e": "runs a whole chain of stages, from raw input to decoded events",
}
SESSION = pytest.StashKey["ParitySession"]()
#: Characters that are kept of why a test has no case.
KEPT = 2000


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options and their twins."""
    group = parser.getgroup("parity", "parity of converted models")
    about = "compare every --parity-candidate with this reference"
    group.addoption(
        "--parity", dest="parity_reference", metavar="REF", default=None, help=f"{about}; needs no test file"
    )
    parser.addini(
        "parity_reference", f"twin of --parity: {about}, where a module has the suite", default=None
    )
    for flag, (kind, keywords, text) in OPTIONS.items():
        name = flag.strip("-").replace("-", "_")
        group.addoption(flag, dest=name, default=None, help=text, **keywords)
        parser.addini(
            name, f"twin of {flag}: {text}", type=kind, default=[] if kind in ("paths", "linelist") else None
        )


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, and what gathers results; with --parity alone, leave other tests out."""
    for name, text in MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {text}")
    config.pluginmanager.register(Gathering(config), "modelparity-gathering")
    if config.getoption("parity_reference"):
        from .plugin.command_line import keep_only_parity

        keep_only_parity(config)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Refuse options that match nothing before anything runs, once: not in xdist's workers.

    Their twins in the configuration file wait for a suite, so that they cost other runs nothing.
    """
    config = session.config
    names = [flag.strip("-").replace("-", "_") for flag in OPTIONS]
    if not hasattr(config, "workerinput") and any(map(config.getoption, ("parity_reference", *names))):
        parity(config).validate()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A ``parity.toml`` gives an item for each comparison that it declares."""
    if file_path.name != "parity.toml":
        return None
    from .plugin.parity_file import ParityFile

    return ParityFile.from_parent(parent, path=file_path, run=parity(parent.config))


def pytest_pycollect_makeitem(collector: pytest.Module | pytest.Class, name: str, obj: object) -> Any:
    """A module that holds `modelparity.suite.parity_suite` gets an item for each case."""
    if name != "parity_suite" or getattr(obj, "is_modelparity_suite", False) is not True:
        return None
    return parity(collector.config).collect(collector)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Where the command line asks for parity and no module of the project has the suite, add it.

    Collection is over here, so this is where pytest lets a usage error through that a suite met.
    """
    if SESSION in config.stash:
        parity(config).complain()
    if config.getoption("parity_reference") or config.getoption("parity_family"):
        from .plugin.command_line import join

        join(session, parity(config), items)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Write down what is planned, before any of it runs."""
    if SESSION in session.config.stash:
        parity(session.config).plan(session.items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Send the case along with pytest's own report, which also crosses from xdist's workers."""
    report = yield
    if hasattr(item, "parity_report"):
        item.parity_report(report)
    return report


def parity(config: pytest.Config) -> ParitySession:
    """What this run was asked to do, made when first needed."""
    if SESSION not in config.stash:
        from .plugin.session import ParitySession

        config.stash[SESSION] = ParitySession(config)
    return config.stash[SESSION]


class Gathering:
    """Collects cases from reports where pytest prints: in the one process, or in xdist's controller."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.cases: dict[str, Any] = {}
        #: {node id: (outcome, why)} of tests that failed or were skipped without a word of a case.
        self.without: dict[str, tuple[str, str]] = {}
        #: The journal that xdist's workers share.
        self.shared: Path | None = None
        self.announced = self.finished = False

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Of xdist: all workers write one journal."""
        from .plugin.journaling import WORKERS, journal_path

        self.shared = journal_path(self.config)
        node.workerinput[WORKERS] = str(self.shared)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self) -> None:
        """Of xdist: a worker knows what is planned, and has written it down."""
        if not self.announced and self._planned():
            self.announced = True
            parity(self.config).announce()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the last case of each id: a test that was run again replaces itself."""
        if (case := getattr(report, "parity_case", None)) is not None:
            self.cases[case["id"]] = case
        elif not report.passed:
            told = report.longrepr
            why = (
                told[2] if isinstance(told, tuple) else told if isinstance(told, str) else report.longreprtext
            )
            self.without[report.nodeid] = (report.outcome, why[-KEPT:])

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the report before the terminal says where it lies. A report that is not written is an error."""
        if (self.cases or self._planned()) and not hasattr(self.config, "workerinput"):
            self.finished = True
            run = parity(self.config)
            run.finish(self.cases.values(), self.without)
            if run.red and session.exitstatus == pytest.ExitCode.OK:  # green means compared
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
            if run.unwritten is not None and session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table, only if parity tests ran."""
        if self.finished:
            parity(self.config).summarise(terminalreporter)

    def _planned(self) -> bool:
        """Whether this run wrote down what it planned."""
        if self.shared is None and SESSION in self.config.stash:
            return parity(self.config).journal.path.exists()
        return self.shared is not None and self.shared.exists()
