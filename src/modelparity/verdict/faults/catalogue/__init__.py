"""The faults, a kind a module: every class here is found by listing this folder."""

from __future__ import annotations
