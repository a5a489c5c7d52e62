"""How each operator is written in ONNX operators, one module a kind of operator."""
