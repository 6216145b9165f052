"""Harbor (Terminal-Bench) task folders: read as environments, and our own tasks written as such."""
