"""The demo: a recording of drums is uploaded or made, and the rudiment is seen; here, and as a Space.

===========  ==============================================================================
`answer`     what is said of a clip: label, strokes, pictures, or a sentence why there is none
`page`       the page, as Gradio has it
`serving`    everything made ready, then the page opened
`weights`    whose weights: of a folder, of a repository, of the cache
`gathering`  what the Space needs, and nothing else
===========  ==============================================================================

Nothing is loaded, read or fetched by an import, nor while the page is built.
"""

from __future__ import annotations

from .page import build
from .serving import serve

__all__ = ["build", "serve"]
