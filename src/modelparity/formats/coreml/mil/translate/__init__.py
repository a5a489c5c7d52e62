"""How each MIL operation is said in core operators; every module here is found by being here."""
