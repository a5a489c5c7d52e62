"""Known mistakes made on purpose: how many are caught, placed, named and repaired, and how often sound files alarm.

=============  ==========================================================================================
`plan`         the trials of some networks: every fault, pairs of faults, sound variations, foreign mistakes
`sampled`      some of them, evenly over causes, files and kinds of networks
`attempt`      one trial: the mistake is made, written as a file, and the file is checked
`run`          all of them, here or on a Dask cluster; what was done before is not done again
`figures`      what came of them, in shares
`noticed`      what given inputs show of every fault, and where they do not, the recipe that does
=============  ==========================================================================================
"""

from __future__ import annotations

from .figures import figures
from .model import Result, Trial
from .networks import Artefact
from .planning import plan
from .running import run
from .sampling import one_of_each, sampled
from .suite import noticed
from .trying import attempt

__all__ = [
    "Artefact",
    "Result",
    "Trial",
    "attempt",
    "figures",
    "noticed",
    "one_of_each",
    "plan",
    "run",
    "sampled",
]
