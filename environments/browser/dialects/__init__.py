"""Other people's words for what is done to a page, read into our actions. No text of an agent is ever run."""
