"""Translators of ONNX operators, a module a group; they register themselves."""

from __future__ import annotations
