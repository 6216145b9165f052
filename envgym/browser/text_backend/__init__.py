"""A browser over HTML alone; see `text_backend`."""

from envgym.browser.text_backend.text_backend import TextBackend

__all__ = ["TextBackend"]
