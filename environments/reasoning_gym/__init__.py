"""The datasets of PyPI's reasoning-gym as environments, with scorers that run where they can do no harm."""
