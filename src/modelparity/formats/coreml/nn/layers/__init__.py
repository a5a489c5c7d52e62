"""Layer types, group by group; found by listing this folder."""
