"""Reports. The JSON document is the truth; terminal table, HTML page, Markdown and JUnit are views of it."""

from __future__ import annotations

from .document import Case as Case, document as document
from .writing import write as write

__all__ = ["Case", "document", "write"]
