"""The page: a clip comes in by file or microphone, and what is said of it is shown below."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from modelparity.errors import Unavailable
from modelparity.stages import Pipeline

from .answer import COLUMNS, LONGEST, answer

if TYPE_CHECKING:
    from gradio import Blocks

TITLE = "Which drum rudiment is this?"
ABOUT = (
    f"Record a rudiment on a drum or a practice pad, or upload a recording of up to {LONGEST:g} s. The likeliest of "
    "the [forty rudiments](https://pas.org/rudiments/) is named, with the strokes that were heard."
)
UNTRAINED = (
    "**The weights are made from a seed, not trained: the page works, and what it names means nothing.**"
)
#: Pictures keep their height, and are scrolled where the page is narrower: shrunk to a telephone nobody reads them.
#: So that the page itself stays as wide as the window, what stands around them may be narrower than they are.
STYLE = """
.gradio-container { width: 100%; max-width: 1100px !important; margin: 0 auto !important; }
.gradio-container, .gradio-container .main, .gradio-container .wrap, .gradio-container .contain { min-width: 0; }
#found { min-width: 0 !important; }
.drawn .matplotlib { overflow-x: auto; justify-content: flex-start; padding-top: 2rem; }
.drawn img { height: 250px; max-height: none; max-width: none; width: auto; margin: 0 auto; }
.drawn.low img { height: 160px; }
"""
#: How many of the likeliest rudiments are shown.
SHOWN = 5


def build(pipeline: Pipeline, *, trained: bool = True) -> Blocks:
    """The page around a pipeline, of which nothing is loaded before a clip comes.

    Raises `Unavailable` without gradio.
    """
    if find_spec("gradio") is None:
        raise Unavailable("gradio is not installed: pip install 'modelparity[demo]'", where="sousa demo")
    import gradio

    def shown(path: str | None) -> list[Any]:
        """What each part of the page shows of a clip: nothing but a sentence where there is no label."""
        said = answer(path, pipeline)
        return [
            said.text,
            gradio.Column(visible=bool(said.shares)),
            dict(said.shares) or None,
            [list(row) for row in said.strokes] or None,
            *said.pictures,
        ]

    page: Blocks
    with gradio.Blocks(title=TITLE, analytics_enabled=False) as page:
        gradio.Markdown(f"# {TITLE}\n{ABOUT}")
        if not trained:
            gradio.Markdown(UNTRAINED, elem_id="untrained")
        clip = gradio.Audio(
            sources=["upload", "microphone"], type="filepath", label="Clip", elem_id="clip", buttons=[]
        )
        told = gradio.Markdown(elem_id="told")
        with gradio.Column(visible=False, elem_id="found") as found:
            with gradio.Row():
                label = gradio.Label(
                    num_top_classes=SHOWN, label="Likeliest rudiments", elem_id="label", min_width=320
                )
                strokes = gradio.Dataframe(
                    headers=list(COLUMNS),
                    datatype=["number", "number", "number", "number", "str", "str"],
                    interactive=False,
                    max_height=330,
                    min_width=360,
                    label="Strokes",
                    elem_id="strokes",
                )
            pictures = [
                gradio.Plot(label=name, format="png", elem_id=key, elem_classes=classes)
                for name, key, classes in (
                    ("Onsets in the waveform", "timeline", ["drawn"]),
                    ("Features of the strokes", "heat-map", ["drawn"]),
                    ("How the likeliest rudiment is played", "notation", ["drawn", "low"]),
                )
            ]
        clip.change(shown, clip, [told, found, label, strokes, *pictures], api_name="classify")
    return page
