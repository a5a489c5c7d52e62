"""Graphs written as files of another format, with every weight accounted for."""
