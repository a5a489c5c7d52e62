"""Every trial of a plan, on all cores or on a cluster: what was done lies in a file, and is not done again."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from ..errors import InputError, ModelparityError, Unavailable
from ..graph import Graph
from .model import Result, Trial
from .networks import Artefact
from .trying import attempt

#: How every line of a record begins.
BEGINNING = b'{"network_sha256": "'


def run(
    trials: Sequence[Trial],
    networks: Mapping[str, Artefact],
    record: Path,
    *,
    jobs: int = 1,
    scheduler: str | None = None,
    seconds: float = 30.0,
    patience: float = 30.0,
    repair: bool = False,
) -> Iterator[Result]:
    """The result of every trial, as they come; those that ``record`` has come first, and are not tried again.

    Args:
        trials: what to try.
        networks: {the name that trials use: the artefact}.
        record: a file of one JSON object a line, appended to and flushed result by result.
        jobs: processes on this machine; with one, and no cluster, everything happens in this process.
        scheduler: the address of a Dask scheduler whose workers have this package.
        seconds: what explaining one verdict may take.
        patience: how many seconds the scheduler may take to answer.
        repair: whether each wrong file is really repaired.

    Raises:
        InputError: a trial of no network, or a record of something else.
        Unavailable: more than one process was asked for, and Dask is not installed.
    """
    for trial in trials:
        if trial.network not in networks:
            raise InputError(
                "a trial of a network that is not here", where=trial.id, expected=", ".join(networks)
            )
    # Another file under the same name is another network.
    digests = {name: artefact.digest for name, artefact in networks.items()}
    done = recorded(record)
    wanted = [trial for trial in trials if digests[trial.network] + trial.id not in done]
    yield from (done[key] for trial in trials if (key := digests[trial.network] + trial.id) in done)
    if not wanted:
        return
    record.parent.mkdir(parents=True, exist_ok=True)
    made = (
        _here(wanted, networks, seconds, repair)
        if jobs == 1 and scheduler is None
        else _apart(wanted, networks, seconds, jobs, scheduler, patience, repair)
    )
    with record.open("a", encoding="utf-8") as file:
        for result in made:
            line = {"network_sha256": digests[result.network], **result.to_json()}
            file.write(json.dumps(line) + "\n")
            file.flush()
            yield result


def recorded(record: Path) -> dict[str, Result]:
    """{digest of the network and id of the trial: its result}.

    A last line that is not whole, of a run that was broken off, is left out and cut away. Raises `InputError` for a
    file of something else, which stays as it is.
    """
    if not record.exists():
        return {}
    whole, _, rest = record.read_bytes().rpartition(b"\n")
    try:
        lines = [json.loads(line) for line in whole.splitlines() if line]
        found = {line["network_sha256"] + line["trial"]: Result.from_json(line) for line in lines}
        if rest and not rest.startswith(BEGINNING[: len(rest)]):
            raise ValueError(f"{rest[:40]!r}")
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(
            "this is no record of an audit", where=record, found=str(error), fix="name another file, or none"
        ) from error
    if rest:  # only now that it is known to be ours
        record.write_bytes(whole + b"\n" if whole else b"")
    return found


def _here(
    trials: Iterable[Trial], networks: Mapping[str, Artefact], seconds: float, repair: bool
) -> Iterator[Result]:
    for name, group in groupby(trials, key=lambda one: one.network):
        graph = networks[name].load()
        for trial in group:
            yield _safe(trial, graph, seconds, repair)


def _safe(trial: Trial, graph: Graph, seconds: float, repair: bool) -> Result:
    """What came of it; an error that nobody expected is a result too, and a fault of this package."""
    try:
        return attempt(trial, graph, seconds=seconds, repair=repair)
    except ModelparityError as error:
        return _lost(trial, str(error).partition("\n")[0])
    except Exception as error:
        return _lost(trial, f"{type(error).__name__}: {error}")


def _lost(trial: Trial, reason: str) -> Result:
    return Result(trial.id, trial.kind, trial.target, trial.network, trial.faults, "lost", reason=reason)


@lru_cache(maxsize=4)
def _loaded(artefact: _Held) -> Graph:
    return artefact.artefact.load()


class _Held:
    """An artefact by its content, so that a worker reads it once."""

    def __init__(self, artefact: Artefact) -> None:
        self.artefact, self.digest = artefact, artefact.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.digest == self.digest


def _same(artefact: Artefact) -> Artefact:
    return artefact


def _on_worker(trial: dict[str, Any], artefact: Artefact, seconds: float, repair: bool) -> dict[str, Any]:
    made = Trial(**{**trial, "makes": tuple(trial["makes"])})
    return _safe(made, _loaded(_Held(artefact)), seconds, repair).to_json()


def _apart(
    trials: Sequence[Trial],
    networks: Mapping[str, Artefact],
    seconds: float,
    jobs: int,
    scheduler: str | None,
    patience: float,
    repair: bool,
) -> Iterator[Result]:
    """On Dask's workers: those of this machine, or of a cluster that runs already.

    A trial over which a worker dies is given to another one, and is lost if three do.
    """
    try:
        from distributed import Client, LocalCluster, as_completed
    except ImportError as error:
        raise Unavailable(
            "an audit on several processes needs Dask", fix="pip install 'modelparity[cluster]', or --jobs 1"
        ) from error
    cluster = (
        None
        if scheduler
        else LocalCluster(
            n_workers=jobs, threads_per_worker=1, dashboard_address=None, silence_logs=logging.ERROR
        )
    )
    try:
        client = Client(scheduler or cluster, timeout=patience)
    except OSError as error:
        raise InputError(
            "no scheduler answers there",
            where=scheduler,
            found=str(error),
            fix="start one with `dask scheduler`, and workers with `dask worker ADDRESS`",
        ) from error
    with contextlib.ExitStack() as stack:
        if cluster is not None:
            stack.enter_context(cluster)
        stack.enter_context(client)
        used = {trial.network for trial in trials}
        # As results of a task, not scattered: what a worker held when it died is then made again.
        sent = {
            name: client.submit(_same, networks[name], key=f"network {networks[name].digest}")
            for name in sorted(used)
        }
        futures = {
            client.submit(
                _on_worker,
                {**vars(trial), "makes": list(trial.makes)},
                sent[trial.network],
                seconds,
                repair,
                # Two audits on one scheduler share results of one key.
                key=f"{networks[trial.network].digest} {trial.id} {seconds:g} {repair}",
                pure=False,
            ): trial
            for trial in trials
        }
        for future in as_completed(futures):
            failure = future.exception()
            trial = futures.pop(future)
            yield (
                Result.from_json(future.result())
                if failure is None
                else _lost(trial, f"{type(failure).__name__}: {failure}".partition("\n")[0])
            )
