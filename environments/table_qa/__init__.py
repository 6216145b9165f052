"""Questions over tables, answered by reading them with tools."""
