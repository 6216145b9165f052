"""Questions over a corpus, answered by searching and reading."""
