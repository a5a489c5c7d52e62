"""What all writers share: the graph as they ask about it, layouts, what writes which operator, how they refuse."""
