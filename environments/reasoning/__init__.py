"""Puzzles and problems with one final answer."""
