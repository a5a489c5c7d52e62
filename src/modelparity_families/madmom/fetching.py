"""Fetch madmom's release, check it, take out the models, and put them in the cache all at once or not at all."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zlib
from importlib.util import find_spec
from pathlib import Path

from modelparity.errors import ArtefactError, Unavailable
from modelparity.family import Progress

from .listing import Listing, folder, listing

LICENSE = "LICENSE"
#: More members or bytes than this are in no release of madmom.
MAX_MEMBERS, MAX_BYTES, MAX_LICENSE = 10_000, 1 << 28, 1 << 20
#: Seconds after which a download counts as failed.
PATIENCE = 900


def fetch(progress: Progress | None = None) -> Path:
    """As `Madmom.fetch`. Several processes may fetch at once: each works on its own and the first one counts."""
    say = progress or (lambda what, done, total: None)
    wanted, target = listing(), folder()
    if is_valid(target, wanted):
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetching-", dir=target.parent) as name:
            workplace = Path(name)
            archive = _archive(workplace, target.parent, wanted, say)
            fresh = workplace / "models"
            extract(archive, fresh, wanted, say)
            if not is_valid(fresh, wanted):
                raise ArtefactError("models are missing from the archive or changed in it", where=archive)
            _install(fresh, target, workplace, wanted)
    except OSError as error:
        raise Unavailable(
            f"the cache is not writable: {error.strerror or error}",
            where=target,
            fix="set MODELPARITY_CACHE to a folder that can",
        ) from error
    return target


def is_valid(place: Path, wanted: Listing) -> bool:
    """Whether every model is there with the SHA-256 that it should have."""
    try:
        return all(
            hashlib.sha256((place / f"{key}.pkl").read_bytes()).hexdigest() == entry.sha256
            for key, entry in wanted.models.items()
        )
    except OSError:
        return False


def extract(archive: Path, target: Path, wanted: Listing, say: Progress) -> None:
    """Take the listed models and the license out of ``archive``; nothing else is written, whatever it holds.

    File names come from the list, never from the archive. Raises `ArtefactError` for a damaged archive, and
    for a member that is no regular file or larger than it should be.
    """
    names = {
        f"{wanted.inside}/{key}.pkl": (f"{key}.pkl", entry.bytes) for key, entry in wanted.models.items()
    }
    names[f"{wanted.inside}/{LICENSE}"] = (LICENSE, MAX_LICENSE)
    try:
        with tarfile.open(archive, "r:gz") as tar:
            total = done = 0
            for count, member in enumerate(tar):
                total += member.size
                if count >= MAX_MEMBERS or total > MAX_BYTES:
                    raise ArtefactError("far too large for a release of madmom", where=archive)
                if member.name not in names:
                    continue
                name, size = names[member.name]
                stream = tar.extractfile(member) if member.isreg() and member.size <= size else None
                if stream is None:
                    raise ArtefactError(
                        "not a plain file of the size it should have",
                        where=f"{archive.name}: {name}",
                        found=f"{member.size} bytes",
                        expected=f"at most {size}",
                    )
                path = target / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(stream.read(size))
                done += 1
                say("taking out models", done, len(names))
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ArtefactError(
            f"the archive is damaged: {error}", where=archive, fix="delete it and fetch again"
        ) from error


def _archive(workplace: Path, beside: Path, wanted: Listing, say: Progress) -> Path:
    """The release: one that was put beside the cache by hand, or a download. Its SHA-256 is verified."""
    given = beside / wanted.archive
    if not given.is_file():
        _download(workplace, beside, wanted, say)
    archive = given if given.is_file() else workplace / wanted.archive
    if not archive.is_file():
        raise Unavailable("pip brought no madmom release", where=wanted.archive, fix=by_hand(beside, wanted))
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != wanted.sha256:
        raise ArtefactError(
            "this is not the release that it should be",
            where=archive,
            found=found,
            expected=wanted.sha256,
            fix="delete it and fetch again",
        )
    return archive


def by_hand(beside: Path, wanted: Listing) -> str:
    """What to type where pip works, for a machine where fetching does not."""
    return (
        f"{Path(sys.executable).name} -m pip download --no-deps --no-build-isolation --no-binary madmom "
        f"madmom=={wanted.version} -d {beside}"
    )


def _download(workplace: Path, beside: Path, wanted: Listing, say: Progress) -> None:
    # pip runs the release's setup script to learn its metadata, and that script imports these.
    missing = [name for name in ("pip", "setuptools", "Cython", "numpy") if find_spec(name) is None]
    if missing:
        line = f"{sys.executable} -m pip install 'setuptools>=68' 'cython>=3' numpy"
        if "pip" in missing:
            line = f"{sys.executable} -m ensurepip && {line}"
        raise Unavailable(
            f"fetching needs {', '.join(missing)} in this environment", where="madmom", fix=line
        )
    say("downloading madmom's release", 0, 0)
    # By hash, so that a wrong archive is refused before its setup script runs.
    pinned = workplace / "requirements.txt"
    pinned.write_text(f"madmom=={wanted.version} --hash=sha256:{wanted.sha256}\n", "utf-8")
    command = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        "download",
        "--quiet",
    ]
    command += ["--no-deps", "--no-build-isolation", "--no-binary", "madmom", "--require-hashes"]
    command += ["--dest", str(workplace), "--requirement", str(pinned)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        said = done.stderr.strip().splitlines()[-3:] if done.returncode else None
    except subprocess.TimeoutExpired:
        said = [f"no answer within {PATIENCE} seconds"]
    if said is not None:
        raise Unavailable(
            f"madmom's release does not download here; any machine may do it, and {wanted.archive} in "
            f"{beside} is then taken from there",
            where="madmom",
            found="pip: " + " / ".join(said),
            fix=by_hand(beside, wanted),
        )


def _install(fresh: Path, target: Path, workplace: Path, wanted: Listing) -> None:
    """Move the finished folder into place; what was there before goes with the temporary folder."""
    for attempt in range(8):
        with contextlib.suppress(FileNotFoundError):
            os.rename(target, workplace / f"old-{attempt}")
        try:
            os.rename(fresh, target)
            return
        except OSError:
            if is_valid(target, wanted):  # another process was first
                return
    shutil.rmtree(fresh, ignore_errors=True)
    raise Unavailable("other processes keep writing to the cache", where=target, fix="fetch again")
