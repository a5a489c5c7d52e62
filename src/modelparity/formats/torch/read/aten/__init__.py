"""How each operator of ATen is said in core operators; every module here is found by being here."""

from __future__ import annotations
