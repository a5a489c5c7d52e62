"""What can be said of a graph without judging it: shapes, types, a table for people, declared figures."""
