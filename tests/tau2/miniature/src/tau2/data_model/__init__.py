"""The shapes of tasks and calls, as far as the adapter reads them."""
