"""How often verdicts are wrong, either way, and how wide the floor is: ``python -m benchmarks.error_rates``."""
