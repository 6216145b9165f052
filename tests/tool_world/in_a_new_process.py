"""What test_world.py compares with: bases and tasks as another process makes them, or the rest of an episode played there.

Without arguments prints digests as JSON; with two, reads a pickled (snapshot, calls) and writes what comes of it.
"""

import json
import pickle
import sys
from pathlib import Path

from envgym.environments.tool_world import worlds
from envgym.environments.tool_world.generated_base import base_of

if len(sys.argv) > 1:
    snapshot, calls = pickle.loads(Path(sys.argv[1]).read_bytes())
    env = worlds.retail(level=4)
    env.restore(snapshot)
    customer = env.world.execute("SELECT id FROM customer").fetchone()[0]
    with env.world.transaction() as tx:
        made = tx.new("Ticket", customer=tx.row("Customer", customer), topic="damage", priority="low", text="later")
    outcome = (made.id, [env.step(action)[:4] for action in calls], env.world.journal(), env.verify().score)
    Path(sys.argv[2]).write_bytes(pickle.dumps(outcome))
else:
    kinds = {name: getattr(worlds, name) for name in ("bank", "retail", "telecom")}
    bases = {name: base_of(kind.domain, 0, 1).digest for name, kind in kinds.items()}
    tasks = {name: kind(level=4).taskset(5)[0].hash for name, kind in kinds.items()}
    sys.stdout.write(json.dumps({"bases": bases, "tasks": tasks}))
