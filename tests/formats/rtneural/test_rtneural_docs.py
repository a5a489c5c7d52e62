"""Every finding is explained in docs/rtneural.md, and nothing is explained that is never found."""

from __future__ import annotations

import re
from pathlib import Path

import modelparity

ROOT = Path(__file__).parents[3]
PACKAGE = Path(modelparity.__file__).parent
SOURCES = (PACKAGE / "formats" / "rtneural", PACKAGE / "verdict" / "settling")  # what finds, and what settles


def test_the_table_of_findings_is_complete():
    text = (ROOT / "docs" / "rtneural.md").read_text("utf-8")
    table = text[text.index("| finding |") : text.index("Duplicate keys")]
    told = set(re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+)*)`", table))
    code = "\n".join(path.read_text("utf-8") for folder in SOURCES for path in folder.rglob("*.py"))
    raised = set(
        re.findall(r'(?:fail|silent|undecidable|note|add|Finding|_mismatch)\(\s*"([a-z0-9-]+)"', code)
    )
    assert raised <= told
    assert not {kind for kind in told if f'"{kind}"' not in code}
