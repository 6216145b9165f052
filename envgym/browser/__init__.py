"""Browsers: one schema of actions and observations, Chromium and a reader of HTML in process behind the same protocol."""
