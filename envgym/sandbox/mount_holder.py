"""A process that does nothing but hold two namespaces of its own: mounts, with the sandbox's folders, and processes.

It is the first process of its namespace: when it ends, the kernel kills whatever still runs there and drops the mounts, and it ends as
soon as our end of its pipe closes. So neither a mount nor a process can be left behind, not even by `kill -9`. As root the mounts are made
by root; otherwise in a user namespace.
"""

import contextlib
import os
import select
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from envgym.sandbox.layers import SANDBOX_UID, LayerStore
from envgym.sandbox.sandbox import SandboxFailure

READY_S, END_S = 60.0, 10.0
PATH = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
HOLD = """
set -e
place=$1 size=$2 owner=$3 lower=$4 further=$5 tmp=$6
shift 6
mount -t tmpfs -o "size=$size,mode=0755" tmpfs "$place"
cd "$place"
install -d -o "$owner" -g "$owner" upper scratch merged tmp
cd "$OLDPWD"
mount -t overlay -o "lowerdir=$lower,upperdir=$place/upper,workdir=$place/scratch$further" overlay "$place/merged"
if [ -n "$tmp" ]; then cp -a "$tmp/." "$place/tmp/"; fi
number=0
for hidden in "$@"; do
    mkdir "$place/hidden$number"
    mount --rbind "$hidden" "$place/hidden$number"
    number=$((number + 1))
done
echo ready
read -r until_our_end_of_the_pipe_closes || true
"""
"""Programs are few on purpose: each costs a millisecond."""


class MountHolder:
    """Folders of one state of a sandbox. `layers` lie over each other, the last on top. Raises SandboxFailure.

    `hidden` are folders of this machine that commands are to see but that their user could not reach.
    """

    def __init__(self, store: LayerStore, layers: Sequence[str], *, disk_mb: int, hidden: Sequence[Path]) -> None:
        self._rootless = os.geteuid() != 0
        self.place = tempfile.mkdtemp(prefix=f"envgym-sandbox-{os.getpid()}-")
        os.chmod(self.place, 0o755)
        lower = ":".join(f"{key}/work" for key in reversed(layers))
        tmp = f"{layers[-1]}/tmp" if any((store.path(layers[-1]) / "tmp").iterdir()) else ""
        owner = "0" if self._rootless else str(SANDBOX_UID)
        arguments = [self.place, f"{disk_mb}m", owner, lower, ",userxattr" if self._rootless else "", tmp]
        command = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc"]
        command += ["--user", "--map-root-user"] if self._rootless else []
        try:
            self._process = subprocess.Popen(
                [*command, "--", "/bin/sh", "-c", HOLD, "hold", *arguments, *map(str, hidden)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=store.folder,
                env=PATH,
                start_new_session=True,
            )
            self._wait_until_ready()
        except BaseException:
            shutil.rmtree(self.place, ignore_errors=True)
            raise

    def _wait_until_ready(self) -> None:
        process = self._process
        assert process.stdout is not None
        assert process.stderr is not None
        ready, _, _ = select.select([process.stdout], [], [], READY_S)
        if not ready or process.stdout.readline() != b"ready\n":
            process.kill()
            process.wait()
            told = process.stderr.read(10_000).decode("utf-8", "replace").strip()
            self._end()
            raise SandboxFailure(f"the folders of a sandbox cannot be mounted: {told or f'not within {READY_S:g} s'}")

    def folder(self, name: str) -> str:
        """`upper`, `merged`, `tmp` or `hidden0`... as those inside the namespace call it."""
        return f"{self.place}/{name}"

    def seen_from_outside(self, name: str) -> str:
        """The same folder as this process can open it. What is in it is not to be trusted: never follow a link."""
        return f"/proc/{self._process.pid}/root{self.place}/{name}"

    def inside(self, command: Sequence[str], *, with_rights: bool = False) -> list[str]:
        """`command`, run among the mounts: as the user of sandboxes, who may do nothing, or with the rights of who made them."""
        spaces = f"/proc/{self._process.pid}/ns"
        enter = ["nsenter", f"--mount={spaces}/mnt", f"--pid={spaces}/pid_for_children"]
        if self._rootless:
            enter += [f"--user={spaces}/user", "--preserve-credentials"]
        elif not with_rights:
            enter += [f"--setuid={SANDBOX_UID}", f"--setgid={SANDBOX_UID}"]  # which drops all capabilities and groups
        return [*enter, "--", *command]

    def close(self) -> None:
        """Ends the process and with it the mounts. Twice is fine."""
        self._end()
        with contextlib.suppress(FileNotFoundError):
            os.rmdir(self.place)

    def _end(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
