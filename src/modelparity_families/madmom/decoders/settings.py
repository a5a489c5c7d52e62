"""What settings of decoders may be; each checks its own when it is called (`modelparity.stages.checked`)."""

from __future__ import annotations

from typing import Annotated

from modelparity.stages import Mistakes, Span

#: Frames a second.
Rate = Annotated[float, Span(0, 1e6, above=True)]
Seconds = Annotated[float, Span(0, 1e5)]
#: Beats a minute.
Tempo = Annotated[float, Span(0, 1e6, above=True)]
#: How many beats each modelled bar has.
BarLengths = Annotated[
    int | tuple[int, ...],
    Span(1, 1000),
    Mistakes({(3,): "bars of 3 beats alone", (4,): "bars of 4 beats alone"}),
]
#: Mistakes that ports are known to have, likelier ones first.
Smooth = Annotated[Seconds, Mistakes({0.0: "no smoothing"})]
Reach = Annotated[
    Seconds, Mistakes({0.0: "no largest value of a window searched", 0.01: "a local maximum searched"})
]
Combine = Annotated[
    Seconds, Mistakes({0.0: "events not combined", 0.03: "combined in 0.03 s", 0.05: "in 0.05 s"})
]
