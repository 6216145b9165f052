"""Mining: tasks out of what happened to real projects, from a git clone or from two releases of a package.

An event (a commit, a pair of releases) becomes a task when its tests really fail before it and pass after it, again and again, in a
sandbox. `mine` runs candidates through that, `history` and `pair` find them, `recipe` works out how a tree's tests run.
"""
