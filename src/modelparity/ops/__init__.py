"""Operators, one a module. `modelparity.engine.operator` says how one is written and finds it by name."""
