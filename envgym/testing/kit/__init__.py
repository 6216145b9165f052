"""The verifier test kit: runs a sheet of cases, and everything that follows from them, against one verifier.

`run_sheet` is what `envgym verify test` and the pytest plugin call. The verifier lives in a process of its own that may be killed, so one
that hangs, crashes or writes files cannot hurt the tests.
"""

from envgym.testing.kit.run import run_sheet as run_sheet
from envgym.testing.kit.sheet import Sheet as Sheet
from envgym.testing.kit.sheet import read_sheet as read_sheet
