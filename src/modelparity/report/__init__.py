"""Reports. The JSON document is the truth; terminal table, HTML page, Markdown and JUnit are views of it."""

from __future__ import annotations

from .document import Case, document, environment
from .reading import read
from .writing import to_json, write, write_text

__all__ = ["Case", "document", "environment", "read", "to_json", "write", "write_text"]
