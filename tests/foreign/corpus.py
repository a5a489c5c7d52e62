"""The modules that register faulty files."""

from __future__ import annotations

from . import (
    attentive_sources,
    audio_sources,
    converters,
    convolutional_sources,
    coreml_edits,
    onnx_edits,
    recurrent_sources,
    rtneural_edits,
)

#: All of them, in the order in which their files are tried.
MODULES = (
    recurrent_sources,
    convolutional_sources,
    attentive_sources,
    audio_sources,
    onnx_edits,
    coreml_edits,
    rtneural_edits,
    converters,
)
