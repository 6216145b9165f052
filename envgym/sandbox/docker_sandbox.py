"""DockerSandbox: a container without network, rights or a writable root; the working folder and /tmp are in memory, of a limited size.

Kept apart from what Docker would do: a container's own layer cannot be limited in size on most machines, and committing one copies what the
image holds anyway, so states are the layers of `layers.py` here too, taken out and put in as archives. One command runs at a time, others
wait: when it ends, everything of its user in the container is killed, daemons too. The first process of the container is the sandbox's own.
Needs the docker package and an engine that answers; `envgym doctor` says how to get either.
"""

import contextlib
import io
import os
import socket
import tarfile
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from envgym.errors import UsageError
from envgym.sandbox.docker_exec import Streamed, stream_command
from envgym.sandbox.environment import environment, in_shell
from envgym.sandbox.layers import LayerStore, default_store
from envgym.sandbox.overlay_changes import changes
from envgym.sandbox.sandbox import Change, ExecResult, Sandbox, SandboxFailure, Snapshot
from envgym.sandbox.spec import SandboxSpec

BACKEND = "docker"
USER = 1000
FIRST_PROCESS = "while :; do sleep 3600 & wait; done"
"""Reaps whatever is orphaned. It belongs to root, whom no command of another user can signal."""
WHOLE = '"$@"\nrc=$?\nkill -9 -1\nexit $rc'
"""A command, and then the end of all that it left: kill -1 spares who sends it."""
LABEL = "envgym"
STATE_S, KILL_S = 600.0, 20.0
MAX_STATE_BYTES = 4 << 30
CALL_S = 120


class DockerSandbox(Sandbox):
    """A sandbox of spec.image. Raises UsageError where the docker package or the image's name is missing, SandboxFailure for the rest.

    Folders of `spec.placed` are copied in as user 0's: another user can only read them.
    """

    def __init__(
        self,
        spec: SandboxSpec,
        *,
        client: Any = None,
        store: LayerStore | None = None,
        base: str = "",
        start: Snapshot | None = None,
    ) -> None:
        if not spec.image:
            raise UsageError("DockerSandbox needs the name of an image that the engine has: SandboxSpec(image=...)")
        for folder in spec.placed.values():
            if not folder.is_dir():
                raise UsageError(f"cannot show {folder}: there is no such folder")
        self.spec = spec
        self.store = store or default_store()
        self._client = client
        self._own_client = client is None
        self._lock = threading.Lock()
        self._container = ""
        self._closed = False
        with self._world():
            if client is None:
                self._client = _connect()
            self._base = base or self._put_base()
            self._layers = self._layers_of(start)
            try:
                self._container = self._start()
            except BaseException:
                self.close()
                raise

    def _put_base(self) -> str:
        """The tree of the spec, or else what the image has where the working folder is."""
        if self.spec.tree is not None:
            return self.store.put(self.spec.tree)
        made = self._client.api.create_container(self.spec.image, "true", labels=[LABEL])["Id"]
        try:
            stream, _ = self._client.api.get_archive(made, self.spec.workdir)
        except _errors().NotFound:
            return self.store.put_or_empty(None)
        else:
            with self.store.draft() as draft:
                _unpack(b"".join(stream), draft)
                os.rename(draft / Path(self.spec.workdir).name, draft / "work")
                return self.store.keep(draft)
        finally:
            self._client.api.remove_container(made, force=True)

    def _layers_of(self, snapshot: Snapshot | None) -> list[str]:
        if snapshot is None:
            return [self._base]
        if snapshot.backend != BACKEND or snapshot.keys[:1] != (self._base,):
            raise UsageError("a snapshot fits sandboxes of the same backend and the same tree only")
        return list(snapshot.keys)

    def _start(self) -> str:
        """A container in the state of the last layer."""
        limits, workdir, api = self.spec.limits, self.spec.workdir, self._client.api
        memory = limits.memory_mb << 20
        writable = f"rw,nosuid,nodev,exec,size={limits.disk_mb}m"
        host = api.create_host_config(
            network_mode=self.spec.network,
            mem_limit=memory,
            memswap_limit=memory,
            pids_limit=limits.processes,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            read_only=True,
            shm_size=limits.disk_mb << 20,
            tmpfs={
                **dict.fromkeys(self.spec.placed, f"{writable},mode=0755"),
                **dict.fromkeys((*self.spec.scratch, workdir), f"{writable},mode=0777,uid={USER},gid={USER}"),
                "/tmp": f"{writable},mode=1777",
            },
            ulimits=[{"Name": "core", "Soft": 0, "Hard": 0}],
        )
        made: str = api.create_container(
            self.spec.image,
            ["-c", FIRST_PROCESS],
            entrypoint=["/bin/sh"],
            host_config=host,
            user="0:0",
            hostname="sandbox",
            labels=[LABEL],
            name=f"envgym-{uuid.uuid4().hex[:12]}",
            environment=environment(self.spec),
        )["Id"]
        try:
            api.start(made)
            self._fill(made, self._layers[-1])
        except BaseException:
            api.remove_container(made, force=True)
            raise
        return made

    def _fill(self, container: str, key: str) -> None:
        """Puts a layer into the empty folders of a container."""
        layer = self.store.path(key)
        for folder, source, user, modes in (
            (self.spec.workdir, layer / "work", USER, 0o7777),
            ("/tmp", layer / "tmp", USER, 0o7777),
            *((place, source, 0, 0o755) for place, source in self.spec.placed.items()),
        ):
            if any(source.iterdir()):
                packed = _pack(source, modes)
                done = self._stream(
                    container, ["tar", "-xpf", "-", "--no-same-owner"], stdin=packed, workdir=folder, user=user
                )
                if done.rc != 0:
                    raise SandboxFailure(f"{folder} cannot be filled: {done.text.strip()[-500:]}")

    @property
    def capabilities(self) -> Mapping[str, str]:
        return {
            "memory": "control groups, by the engine",
            "processes": "control groups, by the engine",
            "disk": "size of file systems in memory, one for the working folder and one for /tmp",
            "network": "none" if self.spec.network == "none" else "the machine's own",
            "files": "read-only root, no capabilities; user 0 may still write to /dev",
            "snapshot": "content-addressed layers, copied in and out",
        }

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        timeout_s: float | None = None,
        output_cap: int | None = None,
        user: int | None = None,
    ) -> ExecResult:
        container, limits = self._open(), self.spec.limits
        number = USER if user is None else user
        command = ["/bin/sh", "-c", WHOLE, "whole", *in_shell(argv, cwd or ".", limits)]
        with self._lock, self._world():
            since = time.time()
            result = self._stream(
                container,
                command,
                stdin=stdin,
                workdir=self.spec.workdir,
                env=env or {},
                timeout_s=limits.wall_s if timeout_s is None else timeout_s,
                output_cap=limits.output_bytes if output_cap is None else output_cap,
                user=number,
            )
            if self._closed:  # the engine may still give the killed command an exit code
                raise SandboxFailure("the sandbox was closed while a command ran")
            return self._told_of_memory(container, result, since)

    def _stream(
        self,
        container: str,
        command: Sequence[str],
        *,
        stdin: bytes = b"",
        workdir: str,
        env: Mapping[str, str] | None = None,
        timeout_s: float = STATE_S,
        output_cap: int = MAX_STATE_BYTES,
        user: int = USER,
    ) -> ExecResult:
        started = time.monotonic()
        call, got = stream_command(
            self._client.api,
            container,
            command,
            stdin=stdin,
            timeout_s=timeout_s,
            output_cap=output_cap,
            env=env or {},
            workdir=workdir,
            user=user,
        )
        rc = 137 if got.timed_out else self._exit_code(call)
        if rc == 137:  # out of time, or it killed the shell that would have cleaned up
            self._kill_all_of(user, container)
        return _result(rc, got, time.monotonic() - started)

    def _kill_all_of(self, user: int, container: str) -> None:
        kill = ["/bin/sh", "-c", "kill -9 -1"]
        api = self._client.api
        stream_command(api, container, kill, stdin=b"", timeout_s=KILL_S, output_cap=0, env={}, workdir="/", user=user)

    def _exit_code(self, call: str) -> int:
        about = self._client.api.exec_inspect(call)
        if about["Running"] or about["ExitCode"] is None:
            raise SandboxFailure("the engine closed a command's stream while it ran")
        return int(about["ExitCode"])

    def _told_of_memory(self, container: str, result: ExecResult, since: float) -> ExecResult:
        """The result, with what the kernel did for memory: the engine's events are out of the command's reach."""
        seen = self._client.api.events(
            since=f"{since:.6f}",
            until=f"{time.time():.6f}",
            filters={"container": container, "event": "oom"},
            decode=True,
        )
        oom = any(True for _ in seen)
        return ExecResult(
            result.rc, result.stdout, result.stderr, result.timed_out, result.truncated, oom, result.duration_s
        )

    def diff(self) -> list[Change]:
        base = str(self.store.path(self._base) / "work")
        with self.store.draft() as draft:
            self._take_out(draft)
            return changes([base, base], str(draft / "work"), str(draft / "work"))

    def _take_out(self, draft: Path) -> None:
        container = self._open()
        with self._lock, self._world():
            for part, folder in (("work", self.spec.workdir), ("tmp", "/tmp")):
                (draft / part).mkdir()
                done = self._stream(container, ["tar", "-cf", "-", "."], workdir=folder)
                if done.rc != 0:
                    raise SandboxFailure(
                        f"{folder} cannot be read: {done.stderr.decode('utf-8', 'replace').strip()[-500:]}"
                    )
                _unpack(done.stdout, draft / part)

    def snapshot(self) -> Snapshot:
        with self.store.draft() as draft:
            self._take_out(draft)
            return Snapshot(BACKEND, (self._base, self.store.keep(draft)))

    def restore(self, snapshot: Snapshot) -> None:
        self._open()
        self._change_to(self._layers_of(snapshot))

    def reset(self) -> None:
        self._open()
        self._change_to([self._base])

    def _change_to(self, layers: list[str]) -> None:
        with self._world():
            old, self._layers = self._container, layers
            self._container = self._start()
            self._client.api.remove_container(old, force=True)

    def fork(self) -> Self:
        client = None if self._own_client else self._client
        return type(self)(self.spec, client=client, store=self.store, base=self._base, start=self.snapshot())

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        try:
            with contextlib.suppress(_errors().NotFound):
                if self._container:
                    self._client.api.remove_container(self._container, force=True)
        except (_errors().DockerException, _require("requests").exceptions.RequestException) as error:
            raise SandboxFailure(f"a container may be left behind: {error}") from error
        finally:
            if self._own_client and self._client is not None:
                self._client.close()

    def _open(self) -> str:
        if self._closed:
            raise UsageError("the sandbox is closed")
        return self._container

    @contextlib.contextmanager
    def _world(self) -> Iterator[None]:
        """Whatever the engine does not do is the world's failure."""
        requests = _require("requests")
        try:
            yield
        except (_errors().DockerException, requests.exceptions.RequestException, OSError) as error:
            if self._closed:
                raise SandboxFailure("the sandbox was closed while a command ran") from error
            raise SandboxFailure(f"the Docker engine: {str(error)[:500]}") from error


def _result(rc: int, got: Streamed, duration_s: float) -> ExecResult:
    out, err = got.outputs
    return ExecResult(rc, bytes(out), bytes(err), got.timed_out, got.truncated, oom=False, duration_s=duration_s)


def _require(module: str) -> Any:
    import importlib

    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise UsageError("DockerSandbox needs the docker package: pip install 'envgym[docker]'") from error


def _errors() -> Any:
    return _require("docker.errors")


def _connect() -> Any:
    """A client of the engine that DOCKER_HOST names, or of the machine's own."""
    docker, address = _require("docker"), os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
    if address.startswith("unix://"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:  # the docker package leaves its own open
            if probe.connect_ex(address.removeprefix("unix://")) != 0:
                raise SandboxFailure(f"no Docker engine answers at {address}; `envgym doctor` says how to get one")
    client = docker.from_env(timeout=CALL_S)
    client.ping()
    return client


def _pack(folder: Path, modes: int = 0o7777) -> bytes:
    """What a folder holds, with no bits of modes but `modes`."""

    def kept(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.mode &= modes
        return entry

    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for child in sorted(folder.iterdir()):
            archive.add(child, arcname=child.name, filter=kept)
    return packed.getvalue()


def _unpack(packed: bytes, folder: Path) -> None:
    """Unpacks what a container sent: links stay links, nothing lands outside, what is no file, folder or link is left out."""
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extraction_filter = lambda entry, place: entry  # ours is `_harmless`: the stock ones change modes
        archive.extractall(folder, members=_harmless(archive, folder))


def _harmless(archive: tarfile.TarFile, folder: Path) -> Iterator[tarfile.TarInfo]:
    """The members that stay inside `folder`, asked one by one while the earlier ones are there already. Raises SandboxFailure."""
    root = os.path.realpath(folder)
    for entry in archive:
        places = [os.path.dirname(os.path.normpath(entry.name))]
        places += [os.path.dirname(os.path.normpath(entry.linkname))] if entry.islnk() else []
        for place in places:
            landing = os.path.realpath(os.path.join(root, place))
            if landing != root and not landing.startswith(root + os.sep):
                raise SandboxFailure(f"an archive out of the sandbox leads out of its folder: {entry.name[:200]!r}")
        if entry.isfile() or entry.isdir() or entry.issym() or entry.islnk():
            yield entry
