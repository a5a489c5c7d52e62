"""Put the model under test here: `predict` is called once for every recorded case."""

from __future__ import annotations

from typing import Any


def predict(model: str, inputs: dict[str, Any]) -> Any:
    """Run the converted model.

    `model` is the name of the model (see "models" in manifest.json); `inputs` is {input name: numpy array}.
    Return {output name: numpy array}, or the array if there is only one output, as the model gives it:
    do not convert its type, do not cut its shape.
    """
    raise NotImplementedError(
        f"candidate.py does not run {model!r} yet. Replace the body of predict() with the lines that run your "
        f"converted model on inputs {sorted(inputs)}"
    )
