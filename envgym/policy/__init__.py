"""Who answers the model calls of an episode."""
