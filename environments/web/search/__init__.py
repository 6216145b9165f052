"""Search over a fixed corpus: an engine is anything with `search(query, k)`."""
