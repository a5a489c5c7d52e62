"""RTNeural's layers, a function each: what they compute, as nodes."""
