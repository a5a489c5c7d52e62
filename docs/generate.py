"""Make the pages and schemas of this folder that are made from the sources: ``python docs/generate.py [--check]``.

With ``--check`` nothing is written: it exits with 1 and shows the difference if a file is not what the sources make.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Callable
from pathlib import Path

from generating import faults, operators, schemas

HERE = Path(__file__).parent
#: File, from this folder -> what makes its text.
MADE: dict[str, Callable[[], str]] = {
    "faults.md": faults.page,
    "operators.md": operators.page,
    "schemas/golden.json": schemas.golden,
    "schemas/pipeline.json": schemas.pipeline,
    "schemas/pipeline_golden.json": schemas.pipeline_golden,
    "schemas/report.json": schemas.report,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 if a file is not current"
    )
    parser.add_argument("names", nargs="*", help=f"which files (default: all of {', '.join(MADE)})")
    args = parser.parse_args()
    if unknown := set(args.names) - set(MADE):
        parser.error(f"{', '.join(sorted(unknown))}: made by nothing here; known are {', '.join(MADE)}")
    stale = 0
    for name, make in MADE.items():
        if not args.names or name in args.names:
            stale += updated(HERE / name, make(), check=args.check)
    if args.check and stale:
        print("not current: run python docs/generate.py", file=sys.stderr)
    return 1 if args.check and stale else 0


def updated(path: Path, text: str, *, check: bool) -> bool:
    """Whether a file was another; unless ``check``, it is written."""
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    if before == text:
        return False
    if check:
        lines = difflib.unified_diff(
            before.splitlines(keepends=True),
            text.splitlines(keepends=True),
            str(path),
            f"{path.name} as made now",
        )
        sys.stdout.writelines(lines)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path}")
    return True


if __name__ == "__main__":
    sys.exit(main())
