"""The multi-turn sets of the Berkeley Function-Calling Leaderboard, from the user's own installation of bfcl-eval."""
