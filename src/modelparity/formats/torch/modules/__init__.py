"""How each operator is built in PyTorch, one module a kind of operator."""
