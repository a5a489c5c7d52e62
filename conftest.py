"""For every test: pytest's own test bed (only a top-level conftest may ask for it), and the checkout's own models.

The fixtures are tiny and need no fetching; they stand beside the families of plugins.
"""

from __future__ import annotations

from pathlib import Path

from modelparity.family import add_folder

pytest_plugins = ["pytester"]

add_folder("fixtures", Path(__file__).parent / "fixtures", alone=("crf",))
