"""Tasks by breaking a repository: small defects in working source that the repository's own tests catch."""
