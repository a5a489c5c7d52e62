"""The parity suite as something to import: a test module with this one line runs it.

::

    from modelparity.suite import *

Every registered family's models are then compared with their references, one test for each model, backend and
recipe. The options ``--parity-family``, ``--parity-model`` and so on choose among them.
"""

from __future__ import annotations

__all__ = ["parity_suite"]


class ParitySuite:
    """What the pytest plugin looks for in a module under the name ``parity_suite``."""

    is_modelparity_suite = True


parity_suite = ParitySuite()
