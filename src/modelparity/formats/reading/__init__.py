"""What all readers share: how an operator of a file is said in core operators, channels, gates."""
