"""What the pytest plugin loads once a parity test exists: choosing, collecting, running, and saying how it went."""

from __future__ import annotations
