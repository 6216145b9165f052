"""Questions over corpora of web pages at scale, and the proof that each of them holds."""
