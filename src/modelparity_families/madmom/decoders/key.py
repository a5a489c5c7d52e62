"""Key: the most probable of 24."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array
from modelparity.stages import checked

from .activations import activations
from .labelling import KEY_NAMES
from .variants import ORIGINAL, chosen, mistakes

#: Names of the 24 classes.
KEYS = KEY_NAMES[ORIGINAL][1]
#: How keys are named: as madmom does, or with a mistake that programs are known to make.
KeyVariant = Annotated[str, mistakes(KEY_NAMES)]
#: Frames that the network needs, because it halves time three times: at 5 a second, more than 1.4 s of sound.
FRAMES = 8


@checked
def key(given: Array, *, variant: KeyVariant = ORIGINAL) -> str:
    """The key of the highest probability, of equals the first: 12 major ones from A upwards, then 12 minor ones.

    Args: activations (24,), or (1, 24) as the original has them; ``variant`` a key of `labelling.KEY_NAMES`.
    Returns: such as ``F# minor``, in the original's spelling, which mixes sharps and flats.
    Raises: `InputError` for another shape, and for NaN: a clip under `FRAMES` frames leaves the network nothing to
    average, and the original then says A major.
    Source: Korzeniowski and Widmer, "Genre-agnostic key classification with convolutional neural networks", 2018, as
    in madmom 0.16.1 (features.key.key_prediction_to_label).
    """
    values = np.asarray(given)
    values = activations(values[0] if values.shape[:1] == (1,) else values, "key", (len(KEYS),), "key")
    if np.isnan(values).any():
        raise InputError(
            "there is no key to tell",
            where="key",
            found=f"{int(np.isnan(values).sum())} of {len(values)} probabilities are NaN",
            expected="24 probabilities",
            fix=f"a clip needs {FRAMES} frames, which is more than 1.4 s of sound: take a longer one",
        )
    return chosen(KEY_NAMES, variant)[int(values.argmax())]
