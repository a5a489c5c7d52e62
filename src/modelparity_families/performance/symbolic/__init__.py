"""The symbolic side: a performance's notes as numbers, as a graph and as tokens, and the encoders of these.

==========  ==================================================================
`notes`     notes and pedal of a MIDI file, in seconds
`features`  what sounds in every frame, five numbers
`graph`     notes as nodes, and how they follow each other as edges
`tokens`    notes as words of a vocabulary of 316
==========  ==================================================================
"""

from __future__ import annotations
