"""Performances that nobody played, in the data set's layout: all rudiments, by players of every skill.

==============  ===========================================================
`players`       who plays: skill, hands, habits
`performing`    one performance as the columns of the strokes' table
`writing`       a folder of performances as the data set
==============  ===========================================================

What is drawn follows from the seed alone, on every machine.
"""

from __future__ import annotations

from .performing import performance
from .players import SKILLS, Player, Skill, players
from .writing import write

__all__ = ["SKILLS", "Player", "Skill", "performance", "players", "write"]
