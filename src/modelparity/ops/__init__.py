"""Operators, one a module. `modelparity.operator` says how one is written and finds it by name."""
