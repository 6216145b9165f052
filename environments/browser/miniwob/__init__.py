"""MiniWoB++: 125 small web pages with a task each, from PyPI's `miniwob`, in Chromium."""
