"""Options and their twins in the configuration file, read once into plain values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from ..errors import InputError
from ..verdict.bands import ACCEPTABLE
from ..verdict.fit import Fit
from ..verdict.fit.pinned import STRICT, read as read_fit
from .candidate_options import NOTHING, CandidateOptions, from_texts
from .subject import named

#: Options of --parity's candidates, by the field that they fill.
SAID = {
    "names": "parity_name",
    "fills": "parity_fill",
    "ignore": "parity_ignore",
    "sizes": "parity_size",
    "below": "parity_below",
    "limits": "parity_limit",
}
GOLDEN_MODES = ("stored", "live", "missing", "update")


@dataclass(frozen=True)
class Options:
    """What a run was asked to do. Empty selections select everything."""

    reference: Path | None
    candidates: tuple[Path, ...]
    families: tuple[str, ...]
    models: tuple[str, ...]
    backends: tuple[str, ...]
    recipes: tuple[str, ...]
    expect: str
    golden: str
    golden_dir: Path
    strict: bool
    fit: Fit | None
    report: Path | None
    explain: bool = True
    all_said: CandidateOptions = NOTHING
    own_said: tuple[tuple[str, CandidateOptions], ...] = ()

    @property
    def selects(self) -> bool:
        """Whether anything was asked for by name, so that an empty result is a mistake."""
        return bool(self.reference or self.families or self.models or self.backends or self.recipes)


def read(config: pytest.Config) -> Options:
    """The options of this run; the command line wins over the file. Raises `pytest.UsageError`."""
    expect = _text(config, "parity_expect") or "rounding"
    golden = "update" if _flag(config, "parity_update") else _text(config, "parity_golden") or "stored"
    _one_of("--parity-expect", expect, ACCEPTABLE)
    _one_of("--parity-golden", golden, GOLDEN_MODES)
    reference = _path(config, "parity_reference")
    candidates = tuple(_here(config, name) for name in config.getoption("parity_candidate") or ())
    candidates = candidates or tuple(Path(path) for path in config.getini("parity_candidate"))
    if (reference is None) != (not candidates):
        given, absent = (
            ("--parity", "--parity-candidate") if reference else ("--parity-candidate", "--parity")
        )
        raise pytest.UsageError(f"{given} was given without {absent}: both sides of a comparison are needed")
    for option, path in [("--parity", reference), *(("--parity-candidate", path) for path in candidates)]:
        if path is not None and not path.exists():
            raise pytest.UsageError(f"{option}: there is no file {path}")
    all_said, own_said = _said(config, reference, candidates)
    return Options(
        reference=reference,
        candidates=candidates,
        families=_list(config, "parity_family"),
        models=_list(config, "parity_model"),
        backends=_list(config, "parity_backend"),
        recipes=_list(config, "parity_recipe"),
        expect=expect,
        golden=golden,
        golden_dir=_path(config, "parity_golden_dir") or config.rootpath / "golden",
        strict=_flag(config, "parity_strict"),
        fit=_fit(config),
        report=_path(config, "parity_report"),
        explain=not _flag(config, "parity_no_explain"),
        all_said=all_said,
        own_said=tuple(own_said.items()),
    )


def _fit(config: pytest.Config) -> Fit | None:
    text = _text(config, "parity_fit")
    try:
        return read_fit(text, where="--parity-fit", folder=config.invocation_params.dir)
    except InputError as error:
        raise pytest.UsageError(
            f"--parity-fit {text}: not known. Use {STRICT}, or a file of a fit: {error}"
        ) from error


def _said(
    config: pytest.Config, reference: Path | None, candidates: Sequence[Path]
) -> tuple[CandidateOptions, dict[str, CandidateOptions]]:
    """What was said of --parity's candidates. Raises `pytest.UsageError`."""
    if reference is None:
        for name in SAID.values():
            if config.getoption(name):
                flag = f"--{name.replace('_', '-')}"
                raise pytest.UsageError(
                    f"{flag} was given without --parity: it is about files that are named there. "
                    "In a parity.toml the table says it; families know their own models"
                )
        return NOTHING, {}
    texts = {field: _raw(config, name) for field, name in SAID.items()}
    try:
        return from_texts(texts, named(candidates))
    except InputError as error:
        raise pytest.UsageError(str(error)) from error


def unmatched(option: str, value: str, known: Iterable[str], *, most: int = 20) -> pytest.UsageError:
    """The error for a value that selects nothing: it lists what there is."""
    names = sorted(known)
    more = f"\n  ... and {len(names) - most} more; 'modelparity list' shows all" if len(names) > most else ""
    there = "".join(f"\n  {name}" for name in names[:most]) or "\n  nothing"
    return pytest.UsageError(f"{option} {value}: matches nothing. There is:{there}{more}")


def _one_of(option: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise pytest.UsageError(f"{option} {value}: not known. Use one of {', '.join(known)}")


def _text(config: pytest.Config, name: str) -> str | None:
    value = config.getoption(name)
    return value if value is not None else config.getini(name) or None


def _flag(config: pytest.Config, name: str) -> bool:
    return bool(config.getoption(name) or config.getini(name))


def _list(config: pytest.Config, name: str) -> tuple[str, ...]:
    values = config.getoption(name) or config.getini(name)
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


def _raw(config: pytest.Config, name: str) -> tuple[str, ...]:
    """As `_list`, each value as it stands: it may hold commas."""
    return tuple(config.getoption(name) or config.getini(name))


def _path(config: pytest.Config, name: str) -> Path | None:
    """A path: from the command line below the working directory, from the file below the root."""
    if (value := config.getoption(name)) is not None:
        return _here(config, value)
    return config.rootpath / value if (value := config.getini(name)) else None


def _here(config: pytest.Config, value: str) -> Path:
    return config.invocation_params.dir / value
