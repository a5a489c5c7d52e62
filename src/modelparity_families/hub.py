"""Files of repositories at huggingface.co, got by huggingface_hub and kept where it keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from modelparity.errors import InputError, Unavailable


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
            HfHubHTTPError,
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
        except (HfHubHTTPError, OSError) as error:
            raise _not_to_be_had(repository, error) from error
    return found


def missing(family: str, where: object) -> Unavailable:
    """What to raise where huggingface_hub is not installed."""
    return Unavailable(f"huggingface_hub is not installed: pip install 'modelparity[{family}]'", where=where)


def last_line(error: Exception) -> str:
    """The last line of an error's text, which is where huggingface_hub says what happened."""
    return (str(error).strip() or type(error).__name__).splitlines()[-1][:200]


def _not_to_be_had(repository: str, error: Exception) -> Unavailable:
    fix = "check its name and the network, or give a folder"
    return Unavailable("the repository is not to be had", where=repository, found=last_line(error), fix=fix)
