"""Make the faulty RTNeural files in this folder: ``python -m tests.hostile.rtneural.make`` in the project's root.

Each is a small sound model with one slip (`faults`), or text that is no model (`texts`).
"""

from __future__ import annotations

import json
from pathlib import Path

from .faults import FAULTS
from .texts import SILENT_TEXTS, TEXTS

HERE = Path(__file__).parent


def main() -> None:
    for name, fault in FAULTS.items():
        (HERE / f"{name}.json").write_text(json.dumps(fault.made(), separators=(",", ":")) + "\n", "ascii")
    for name, (data, _, _) in TEXTS.items():
        (HERE / f"text_{name}.json").write_bytes(data)
    for name, data in SILENT_TEXTS.items():
        (HERE / f"{name}.json").write_bytes(data)


if __name__ == "__main__":
    main()
