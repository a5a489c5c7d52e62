"""A graph as an RTNeural file: a chain of layers, each of which computes what some nodes do, exactly."""
