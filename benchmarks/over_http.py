"""The row of many episodes at once over HTTP: runs http_concurrency.py, which has a server of its own, on all cores.

Its figures are the best of some repeats, since noise only ever adds to a time that has an ideal.
"""

import json
import subprocess
import sys

from contest import FAILED, Line
from measure import HERE, LIMIT_S, Figure, environment

PROGRAM = HERE / "http_concurrency.py"
AIM = 1.5


def http_lines(*, quick: bool) -> list[Line]:
    """One line per contender: wall seconds, ours first."""
    episodes = 200 if quick else 1000
    title = f"{episodes:,} episodes at once over HTTP, 200 ms latency"
    command = [sys.executable, str(PROGRAM), "--json", "--episodes", str(episodes)]
    if quick:
        command += ["--repeats", "1"]
    try:
        done = subprocess.run(command, cwd=HERE, env=environment(), capture_output=True, text=True, timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        return [Line(title, "wall s", "envgym", note=f"{FAILED}took longer than {LIMIT_S} s")]
    if done.returncode != 0:
        return [Line(title, "wall s", "envgym", note=f"{FAILED}{(done.stderr.strip() or '?').splitlines()[-1]}")]
    found = json.loads(done.stdout.splitlines()[-1])
    lines = []
    for name, row in found["rows"].items():
        wall_s = row["wall_s"]
        figure = Figure(wall_s, wall_s, wall_s, found["episodes"] / wall_s)
        note = f"{row['ratio_to_ideal']} of the ideal {found['ideal_s']:g} s, {row['lost']} lost"
        lines.append(Line(title, "wall s", name, figure, None, note))
    first = lines[0]
    met = (
        first.figure is not None
        and first.figure.median <= AIM * found["ideal_s"]
        and not found["rows"][first.name]["lost"]
    )
    aimed = Line(title, first.unit, first.name, first.figure, None, first.note, f"<= {AIM} ideal, none lost", met)
    return [aimed, *lines[1:]]
