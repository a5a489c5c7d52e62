"""The audio side: MuQ, adapters, the three audio encoders, and the pipeline from sound to scores."""

from __future__ import annotations
