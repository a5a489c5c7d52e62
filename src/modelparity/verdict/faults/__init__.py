"""Known conversion faults as changes of a graph: what undoes a slip, and what the undoing proves."""
