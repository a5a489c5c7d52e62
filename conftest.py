"""For every test: pytest's own test bed (only a top-level conftest may ask for it), and the small fixture models.

The fixtures join the parity suite, so that it has something to say where no network can be fetched.
"""

from pathlib import Path

from modelparity.family import add_folder

pytest_plugins = ["pytester"]

add_folder("fixtures", Path(__file__).parent / "fixtures", alone=("crf",))
