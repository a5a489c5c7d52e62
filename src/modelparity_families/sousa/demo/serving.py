"""Make everything ready, then open the page: whoever finds it open is answered at once."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import numpy as np

from modelparity.errors import Unavailable
from modelparity.exchange.sound import write
from modelparity.stages import Pipeline

from ..pipelines import pipeline
from .answer import answer
from .page import STYLE, build
from .weights import complete

#: What an upload may weigh.
LARGEST = "50mb"
RATE = 44_100


def serve(folder: Path | None, *, port: int | None = None) -> None:
    """Serve the page at ``port`` (or a free one), with the weights in ``folder`` or seeded ones, until interrupted.

    The first clip of a process takes seconds, and the first on a machine a minute, since librosa's loops are compiled
    then. So one is answered before the page opens. Where it listens the environment says (``GRADIO_SERVER_NAME``), or
    else nobody but this machine is served. Raises `ArtefactError` for weights that are not all there,
    and `Unavailable` without gradio, or where the port is taken.
    """
    own = pipeline(None if folder is None else complete(folder))
    page = build(own, trained=folder is not None)
    print("getting ready (a minute where librosa was never used before) ...", flush=True)
    warm(own)
    import gradio

    try:
        _, address, _ = page.launch(
            server_port=port,
            prevent_thread_lock=True,
            quiet=True,
            share=False,
            ssr_mode=False,
            max_file_size=LARGEST,
            theme=gradio.themes.Default(font="system-ui", font_mono="ui-monospace"),
            css=STYLE,
            footer_links=["api", "gradio", "settings"],
        )
    except OSError as error:
        raise Unavailable(
            "the port is not to be had", where="sousa demo", found=error, fix="--port with another number"
        ) from error
    print(f"open {address}", flush=True)
    page.block_thread()


def warm(own: Pipeline) -> None:
    """Answer a clip of clicks, drawings too: what is compiled, read or searched for at first use is so now."""
    clicks = np.zeros(2 * RATE, np.float32)
    clicks[RATE // 4 :: RATE // 4] = 1
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "clicks.wav"
        write(path, clicks, RATE)
        for figure in answer(path, own).pictures:
            if figure is not None:
                figure.savefig(io.BytesIO(), format="png")
