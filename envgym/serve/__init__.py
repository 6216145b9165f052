"""Services over HTTP: verifiers for trainers that see a URL only."""
