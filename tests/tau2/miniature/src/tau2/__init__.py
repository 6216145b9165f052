"""A miniature with the interface of tau2-bench, ours, so that the adapter can be tested where there is no checkout of the real one."""
