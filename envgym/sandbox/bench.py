"""`envgym sandbox bench`: what each backend that is present costs here, in milliseconds, medians over rounds.

A round makes a sandbox, runs `true` and a small Python program, writes a file, changes 200 files, takes a snapshot, forks, resets and
closes. A reset by copying the whole tree is timed beside it. With a count, so many are then made at once, and the namespaces backend
also says what memory the processes of an idle one take (their share of pages that several map; without what the kernel keeps for it).
"""

import shutil
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from envgym.errors import EnvgymError
from envgym.sandbox.docker_sandbox import DockerSandbox
from envgym.sandbox.layers import LayerStore
from envgym.sandbox.namespace_sandbox import NamespaceSandbox
from envgym.sandbox.pool import SandboxPool
from envgym.sandbox.sandbox import Sandbox
from envgym.sandbox.spec import SandboxSpec

CHANGED = 200
CHANGE = f"i=0; while [ $i -lt {CHANGED} ]; do echo changed > d$((i % 100))/f$i; i=$((i + 1)); done"
Clock = Callable[[str], Any]


def bench(
    *, image: str = "", files: int = 1000, rounds: int = 15, count: int = 0, tick: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """Backend -> figure -> milliseconds (or what the figure says); a backend that is not present -> {"missing": why}."""
    with tempfile.TemporaryDirectory(prefix="envgym-bench-") as folder:
        tree = make_tree(Path(folder, "tree"), files)
        store = LayerStore(Path(folder, "layers"))
        base = store.put(tree)
        found: dict[str, Any] = {"files": files, "rounds": rounds}
        found["namespaces"] = measured(
            lambda: NamespaceSandbox(SandboxSpec(), store=store, base=base), rounds, count, tick
        )
        if image:
            found["docker"] = measured(
                lambda: DockerSandbox(SandboxSpec(image=image), store=store, base=base), rounds, count, tick
            )
        else:
            found["docker"] = {"missing": "name an image that the engine has: --image"}
        found["copying the tree"] = {"reset": round(copying(tree, Path(folder, "copy"), min(rounds, 5)), 2)}
    return found


def make_tree(place: Path, files: int) -> Path:
    """`files` small files in 100 folders."""
    for number in range(100):
        (place / f"d{number}").mkdir(parents=True)
    for number in range(files):
        (place / f"d{number % 100}" / f"f{number}").write_text(f"{number}\n" * 20)
    return place


def measured(make: Callable[[], Sandbox], rounds: int, count: int, tick: Callable[[], None]) -> dict[str, Any]:
    times: dict[str, list[float]] = defaultdict(list)

    @contextmanager
    def clock(name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        times[name].append((time.perf_counter() - started) * 1e3)

    try:
        make().close()  # the first one copies what it shows of this machine
        with SandboxPool(make) as pool:
            for _ in range(rounds):
                one_round(make, clock)
                with clock("take from a warm pool"):
                    taken = pool.take()
                taken.close()
                tick()
        further = at_once(make, count) if count else {}
    except EnvgymError as error:
        return {"missing": str(error)}
    return {name: round(statistics.median(taken), 2) for name, taken in times.items()} | further


def at_once(make: Callable[[], Sandbox], count: int) -> dict[str, float]:
    """What each of `count` sandboxes costs that live at once, made one after the other and then running a command each, in threads."""
    sandboxes: list[Sandbox] = []
    try:
        started = time.perf_counter()
        sandboxes.extend(make() for _ in range(count))
        made = time.perf_counter()
        with ThreadPoolExecutor(count) as threads:
            list(threads.map(lambda sandbox: sandbox.exec(["true"]), sandboxes))
        ran = time.perf_counter()
        found = {
            f"create, of {count}": (made - started) * 1e3 / count,
            f"exec true, {count} at once": (ran - made) * 1e3 / count,
        }
        held = [sandbox for sandbox in sandboxes if isinstance(sandbox, NamespaceSandbox)]
        if held:
            found["MiB of an idle one"] = statistics.mean(sandbox.idle_bytes() for sandbox in held) / (1 << 20)
        return {name: round(figure, 2) for name, figure in found.items()}
    finally:
        for sandbox in sandboxes:
            sandbox.close()


def one_round(make: Callable[[], Sandbox], clock: Clock) -> None:
    with clock("create, exec, destroy"), make() as sandbox:
        sandbox.exec(["true"])
    with clock("create"):
        sandbox = make()
    try:
        for name, call in (
            ("exec true", lambda: sandbox.exec(["true"])),
            ("exec python", lambda: sandbox.exec(["python3", "-c", "pass"])),
            ("write", lambda: sandbox.write("new/file", b"x" * 10_000)),
            ("change 200 files", lambda: sandbox.exec(CHANGE)),
            ("snapshot", sandbox.snapshot),
        ):
            with clock(name):
                call()
        with clock("fork"):
            fork = sandbox.fork()
        fork.close()
        with clock("reset"):
            sandbox.reset()
    finally:
        with clock("destroy"):
            sandbox.close()


def copying(tree: Path, copy: Path, rounds: int) -> float:
    """Milliseconds of a reset by copying the tree anew."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(tree, copy)
        times.append((time.perf_counter() - started) * 1e3)
    return statistics.median(times)
