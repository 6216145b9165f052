"""Questions over the facts of a corpus: drawn, evolved from long to short, proved by exhaustive solution, said in English."""
