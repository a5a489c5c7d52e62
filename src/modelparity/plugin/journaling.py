"""Where a run's journal lies: beside its report, else in pytest's cache. Light, for every run of pytest asks."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

import pytest

from ..journal import place

#: What xdist's controller tells its workers.
WORKERS = "parity_journal"
#: How a folder is called that is made for one journal.
OWN = "modelparity-journal-"
PATH = pytest.StashKey[Path]()


def journal_path(config: pytest.Config) -> Path:
    """The journal of this run: one file for all processes of xdist. Nothing is made on disk."""
    if PATH not in config.stash:
        told = vars(config).get("workerinput", {}).get(WORKERS)
        config.stash[PATH] = Path(told) if told else place(folder(config))
    return config.stash[PATH]


def folder(config: pytest.Config) -> Path:
    """The report's folder; else one in pytest's cache; else one of the system's temporary ones."""
    if (said := config.getoption("parity_report")) is not None:
        return config.invocation_params.dir / str(said)
    if said := config.getini("parity_report"):
        return config.rootpath / str(said)
    if config.pluginmanager.hasplugin("cacheprovider"):
        return config.rootpath / os.path.expandvars(str(config.getini("cache_dir"))) / "d" / "modelparity"
    return Path(tempfile.gettempdir()) / f"{OWN}{os.getpid()}-{secrets.token_hex(4)}"


def tidy(config: pytest.Config) -> None:
    """Remove the folder that was made for this run's journal alone, if one was."""
    at = journal_path(config).parent
    if at.parent == Path(tempfile.gettempdir()) and at.name.startswith(OWN):
        with contextlib.suppress(OSError):
            at.rmdir()


def prepare(config: pytest.Config) -> None:
    """Have pytest make its cache, with the files that keep it out of everybody's way."""
    if config.pluginmanager.hasplugin("cacheprovider") and config.cache is not None:
        config.cache.mkdir("modelparity")
