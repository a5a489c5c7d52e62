"""Small programs of this package's own that run somebody else's C++ library, compiled where they are needed."""
