"""Recipes: how each corpus is made from the packages that it comes from."""
