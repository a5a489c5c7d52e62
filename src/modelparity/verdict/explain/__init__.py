"""Why a candidate differs: known mistakes are made to the reference until it computes what the candidate gave."""

from __future__ import annotations
