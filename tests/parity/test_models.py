"""The main job: ``pytest -m parity`` compares every registered model with its converted forms."""

from modelparity.suite import *  # noqa: F403 - one line is all that a project needs
