"""Repositories at huggingface.co: files got by huggingface_hub and kept where it keeps them, folders sent by it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from modelparity.errors import InputError, Unavailable

#: What a repository holds, as the hub calls it.
Kind = Literal["model", "space"]


def is_folder(place: str) -> bool:
    """Whether a place that somebody names is a folder: one that is there, or a path by a slash at an end."""
    return Path(place).expanduser().is_dir() or place.startswith((".", "/", "~")) or place.endswith("/")


def got(
    repository: str, names: Sequence[str], *, family: str, revision: str | None = None
) -> dict[str, Path]:
    """{name: path} of files of a repository by its name; those that it does not have stand where nothing is.

    ``family`` is the extra that brings huggingface_hub. Raises `InputError` for what is no name of a repository, and
    `Unavailable` for what is not to be had.
    """
    try:
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import (
            EntryNotFoundError,
            HFValidationError,
            LocalEntryNotFoundError,
        )
    except ImportError as error:
        raise missing(family, repository) from error
    found = {}
    for name in names:
        try:
            found[name] = Path(hf_hub_download(repository, name, revision=revision))
        except HFValidationError as error:
            raise InputError(
                "neither a folder nor the name of a repository", found=repository, expected="OWNER/NAME"
            ) from error
        except EntryNotFoundError as error:
            if isinstance(error, LocalEntryNotFoundError):  # nobody could be asked
                raise _not_to_be_had(repository, error) from error
            found[name] = Path(repository, name)
        except (
            Exception
        ) as error:  # a lost connection's is its HTTP client's own, which is another one by version
            raise _not_to_be_had(repository, error) from error
    return found


def sent(
    folder: Path, repository: str, *, family: str, kind: Kind = "model", owned: Iterable[str] = ()
) -> str:
    """Upload all that a folder holds in one commit, to a repository that is made if it lacks; returns its address.

    What lies there below the folders ``owned`` and not here is removed with it, all else stays. The token is the one
    that huggingface_hub finds, asked for here and nowhere before. ``family`` is as in `got`. Raises `Unavailable`.
    """
    try:
        from huggingface_hub import HfApi
    except ImportError as error:
        raise missing(family, repository) from error
    api = HfApi()
    try:
        sdk = "gradio" if kind == "space" else None
        address = api.create_repo(repository, repo_type=kind, space_sdk=sdk, exist_ok=True)
        api.upload_folder(
            repo_id=repository,
            repo_type=kind,
            folder_path=folder,
            delete_patterns=[f"{name}/*" for name in owned] or None,
        )
    except (
        Exception
    ) as error:  # its errors share no class, and those of a lost connection are its HTTP client's own
        raise Unavailable(
            "publishing failed",
            where=repository,
            found=last_line(error),
            fix="hf auth login, with a token that may write there",
        ) from error
    return str(address)


def listed(files: Iterable[Path], folder: Path) -> Iterator[str]:
    """A line each of files below ``folder``: name, size, and the beginning of their SHA-256."""
    names = {path.relative_to(folder).as_posix(): path for path in files}
    width = max(map(len, names), default=0)
    for name, path in names.items():
        with path.open("rb") as file:  # weights may not fit into memory
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        yield f"{name:{width}} {path.stat().st_size:>12,} bytes  sha256 {digest[:16]}"


def missing(family: str, where: object) -> Unavailable:
    """What to raise where huggingface_hub is not installed."""
    return Unavailable(f"huggingface_hub is not installed: pip install 'modelparity[{family}]'", where=where)


def last_line(error: Exception) -> str:
    """The last line of an error's text, which is where huggingface_hub says what happened."""
    return (str(error).strip() or type(error).__name__).splitlines()[-1][:200]


def _not_to_be_had(repository: str, error: Exception) -> Unavailable:
    fix = "check its name and the network, or give a folder"
    return Unavailable("the repository is not to be had", where=repository, found=last_line(error), fix=fix)
