"""What runs inside a sandbox when tests are run. Sent as source text: nothing here imports envgym, nothing of it is installed there.

`supervisor` is started by us and believed; `child` is started by it, shares a process with code that nobody trusts, and runs one driver.
"""
