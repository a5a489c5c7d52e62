"""Weights of a checkpoint as a file that the family's models and pipeline take."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors.numpy import save

from modelparity.errors import InputError
from modelparity.files import replace_file

from ..models import FILES
from ..networks import read


def exported(checkpoint: Path, folder: Path) -> Path:
    """Write a checkpoint's weights into ``folder`` as safetensors, with the original's names, and the sizes beside.

    The file has the name under which models look for it, so that ``MODELPARITY_SOUSA`` can name the folder; a file
    that is there is replaced. It is read again and must be the weights of one of the two networks, all of them.

    Raises:
        ArtefactError: the checkpoint is none of either network.
        InputError: the folder is not writable.
    """
    sizes, weights = read(checkpoint)
    path = folder / FILES[sizes.network][0]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError("not writable", where=folder, found=error.strerror or error) from error
    config = json.dumps(sizes.config, indent=2) + "\n"
    replace_file(folder / f"{sizes.network}_config.json", config.encode(), InputError)
    replace_file(path, save(weights, metadata={"format": "pt"}), InputError)
    read(path)
    return path
