"""The suite that runs where a project has no test file of its own: ``pytest --parity-family madmom``."""

from __future__ import annotations

from modelparity.suite import parity_suite

__all__ = ["parity_suite"]
