"""Golden chains at scale: certified tasks of tool worlds, and the proof that each of them holds."""
