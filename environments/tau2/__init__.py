"""Tasks of tau2-bench, from the user's own checkout, played and judged in processes of their own; and the audit of those tasks."""
