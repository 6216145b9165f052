"""Trajectories for people: a page for the browser, text for the terminal."""
