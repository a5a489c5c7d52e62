"""The same network block by block."""
