"""The modules that register faulty files."""

from __future__ import annotations

from . import (
    attentive_sources,
    audio_sources,
    converters,
    convolutional_sources,
    coreml_edits,
    dense_sources,
    direction_sources,
    image_sources,
    norm_sources,
    onnx_attention_edits,
    onnx_edits,
    onnx_image_edits,
    padding_sources,
    recurrent_sources,
    rtneural_edits,
    transformer_parts,
)

#: All of them.
MODULES = (
    recurrent_sources,
    direction_sources,
    norm_sources,
    convolutional_sources,
    padding_sources,
    image_sources,
    attentive_sources,
    transformer_parts,
    audio_sources,
    dense_sources,
    onnx_edits,
    onnx_image_edits,
    onnx_attention_edits,
    coreml_edits,
    rtneural_edits,
    converters,
)
