"""How operators are written as MIL operations, one module a kind of operator."""
