"""For every test: pytest's own test bed, which the plugin's tests need (only a top-level conftest may ask for it)."""

pytest_plugins = ["pytester"]
