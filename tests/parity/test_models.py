"""The main job: ``pytest -m parity`` holds every registered model against its converted forms."""

from modelparity.suite import *  # noqa: F403 - one line is all that a project needs
