"""What settings of decoders may be; each checks its own when it is called (`modelparity.stages.checked`)."""

from __future__ import annotations

from typing import Annotated

from modelparity.stages import Span

#: Frames a second.
Rate = Annotated[float, Span(0, 1e6, above=True)]
Seconds = Annotated[float, Span(0, 1e5)]
#: Beats a minute.
Tempo = Annotated[float, Span(0, 1e6, above=True)]
#: How many beats each modelled bar has.
BarLengths = Annotated[int | tuple[int, ...], Span(1, 1000)]
