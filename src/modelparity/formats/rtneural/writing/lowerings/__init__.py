"""How each kind of operator is written as layers."""
