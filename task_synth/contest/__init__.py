"""The 40 bundled problems of the environment `code`, as they are written: statement, solution, brute force, generator, wrong programs."""
