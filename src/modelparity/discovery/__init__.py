"""What is found without a list: modules of a package, functions that register themselves, and strangers' packages.

`listing` lists a package's modules, `plugins` finds what other packages bring by entry point, and `handlers` does
both for functions that register themselves under names.
"""

from __future__ import annotations

from .handlers import Handlers
from .listing import module_names, modules
from .plugins import Plugins

__all__ = ["Handlers", "Plugins", "module_names", "modules"]
