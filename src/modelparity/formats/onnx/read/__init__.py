"""ONNX files read into graphs, faithfully: node by node, in the order and with the types of the file."""

from __future__ import annotations
