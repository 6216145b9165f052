"""What every backend keeps to: commands, files, limits, states, and that nothing is left."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from envgym.errors import EnvFailure, UsageError
from envgym.sandbox import Change, FileRefused, Limits, NamespaceSandbox, Sandbox, Snapshot

Make = Callable[..., Sandbox]
HOG = "import os\nheld = []\nwhile True:\n    held.append(b'x' * (8 << 20))\n"


def running(marker: str) -> list[str]:
    """Command lines on this machine that hold a marker."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = place.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if marker in line:
            found.append(line)
    return found


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def marker() -> str:
    """Seconds to sleep that nobody else sleeps."""
    return f"98{uuid.uuid4().int % 10**9}"


# ---- commands


def test_output_error_and_status_come_apart(sandbox: Sandbox) -> None:
    done = sandbox.exec("echo out; echo err >&2; exit 3")
    assert (done.rc, done.stdout, done.stderr) == (3, b"out\n", b"err\n")
    assert (done.timed_out, done.truncated, done.oom) == (False, False, False)


def test_a_list_is_run_word_by_word(sandbox: Sandbox) -> None:
    words = ["a b", "$HOME", "`id`", "'", '"', "*", "", "é\n", "-n"]
    done = sandbox.exec(["/bin/sh", "-c", 'for word in "$@"; do printf "<%s>" "$word"; done', "x", *words])
    assert done.stdout.decode() == "".join(f"<{word}>" for word in words)


def test_a_program_that_is_not_there_is_the_commands_failure(sandbox: Sandbox) -> None:
    done = sandbox.exec(["no-such-program"])
    assert done.rc == 127
    assert b"not found" in done.stderr


def test_a_signal_is_told_as_shells_tell_it(sandbox: Sandbox) -> None:
    assert sandbox.exec("kill -TERM $$").rc == 143


@pytest.mark.parametrize("command", ["", [], ["a\0b"], [3]])
def test_what_is_no_command_is_the_callers_mistake(sandbox: Sandbox, command: object) -> None:
    if command == "":
        assert sandbox.exec("").rc == 0
    else:
        with pytest.raises(UsageError, match="a command is"):
            sandbox.exec(command)  # type: ignore[arg-type]


def test_folder_variables_and_input_are_the_calls_own(sandbox: Sandbox) -> None:
    sandbox.exec("mkdir -p a/b")
    done = sandbox.exec('pwd; echo "$WHO"; cat', cwd="a/b", env={"WHO": "x y"}, stdin=b"typed\x00in")
    assert done.stdout == b"/workspace/a/b\nx y\ntyped\x00in"
    assert sandbox.exec("pwd", cwd="/tmp").stdout == b"/tmp\n"


def test_a_folder_that_is_not_there_is_told(sandbox: Sandbox) -> None:
    done = sandbox.exec("true", cwd="nowhere")
    assert done.rc != 0
    assert b"nowhere" in done.stderr


def test_nothing_of_our_environment_is_inherited(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVGYM_TEST_SECRET", "s3cret")
    shown = sandbox.exec("env").text
    assert "s3cret" not in shown
    assert {"TZ=UTC", "PYTHONHASHSEED=0", "LANG=C.UTF-8"} <= set(shown.split())


def test_a_command_may_be_another_user(sandbox: Sandbox) -> None:
    assert sandbox.exec("id -u", user=0).stdout == b"0\n"
    assert sandbox.exec("id -u").stdout == b"1000\n"


def test_more_input_than_a_pipe_holds_meets_more_output(sandbox: Sandbox) -> None:
    data = os.urandom(1 << 20)
    assert sandbox.exec(["cat"], stdin=data).stdout == data


def test_input_that_nobody_reads_is_no_failure(sandbox: Sandbox) -> None:
    assert sandbox.exec(["true"], stdin=b"x" * (1 << 20)).rc == 0


# ---- limits


def test_time_is_up_for_the_whole_tree(sandbox: Sandbox) -> None:
    mark = marker()
    started = time.monotonic()
    done = sandbox.exec(f"setsid sh -c 'sleep {mark} & sleep {mark}' & sleep {mark}", timeout_s=0.5)
    assert done.timed_out
    assert done.rc == 137
    assert time.monotonic() - started < 10
    wait_until(lambda: not running(mark))


def test_a_daemon_does_not_outlive_its_command(sandbox: Sandbox) -> None:
    mark = marker()
    daemon = f"(setsid sh -c 'sleep {mark} & sleep {mark}' </dev/null >/dev/null 2>&1 &); echo started"
    assert sandbox.exec(daemon).stdout == b"started\n"
    wait_until(lambda: not running(mark))


def test_a_daemon_that_holds_the_output_open_does_not_hold_the_call(sandbox: Sandbox) -> None:
    started = time.monotonic()
    assert sandbox.exec(f"sleep {marker()} & echo done").stdout == b"done\n"
    assert time.monotonic() - started < 20


def test_output_over_the_cap_is_dropped_and_said(make: Make) -> None:
    sandbox = make(limits=Limits(output_bytes=1000))
    done = sandbox.exec("head -c 300000000 /dev/zero; echo e >&2")
    assert (done.rc, len(done.stdout), done.stderr, done.truncated) == (0, 1000, b"e\n", True)
    assert len(sandbox.exec("head -c 3000 /dev/zero", output_cap=3000).stdout) == 3000
    assert not sandbox.exec("head -c 3000 /dev/zero", output_cap=3000).truncated


def test_memory_over_the_limit_ends_the_command_and_not_the_sandbox(make: Make) -> None:
    sandbox = make(limits=Limits(memory_mb=128))
    done = sandbox.exec(["python3", "-c", HOG])
    assert done.rc != 0
    if sandbox.capabilities["memory"].startswith("control groups"):
        assert done.oom
    assert sandbox.exec("echo alive").stdout == b"alive\n"


def test_memory_is_counted_over_all_processes(make: Make) -> None:
    sandbox = make(limits=Limits(memory_mb=200))
    if not sandbox.capabilities["memory"].startswith("control groups"):
        pytest.skip("memory of all processes together needs control groups: run as root")
    part = "python3 -c 'x = b\"x\" * (90 << 20); import time; time.sleep(3)' &"
    done = sandbox.exec(f"{part} {part} {part} wait")
    assert done.oom


def test_processes_are_counted(make: Make) -> None:
    sandbox = make(limits=Limits(processes=40))
    done = sandbox.exec("for i in $(seq 200); do sleep 3 & done; echo $(ls -d /proc/[0-9]* | wc -l)", timeout_s=20)
    assert b"fork" in done.stderr, done
    assert sandbox.exec("echo alive").stdout == b"alive\n"


def test_a_fork_bomb_is_over_with_its_command(make: Make) -> None:
    sandbox = make(limits=Limits(processes=40))
    sandbox.exec("b() { b | b & }; b", timeout_s=3)
    assert sandbox.exec("echo alive").stdout == b"alive\n"


@pytest.mark.parametrize("place", [".", "/tmp", "/dev/shm"])
def test_the_disk_is_limited(make: Make, place: str) -> None:
    sandbox = make(limits=Limits(disk_mb=8))
    done = sandbox.exec(f"head -c 100000000 /dev/zero > {place}/big")
    assert done.rc != 0
    assert b"No space left" in done.stderr
    sandbox.exec(f"rm {place}/big")
    assert sandbox.exec(f"head -c 1000000 /dev/zero > {place}/small").rc == 0


def test_there_is_no_network(sandbox: Sandbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        reach = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 3)"
        for host in ("127.0.0.1", "192.0.2.1"):
            done = sandbox.exec(["python3", "-c", reach, host, str(port)])
            assert b"ConnectionRefusedError" in done.stderr or b"unreachable" in done.stderr
    assert sandbox.exec("cat /proc/net/dev").text.count(":") == 1, "the loopback alone"


@pytest.mark.parametrize("path", ["/x", "/usr/x", "/etc/x", "/usr/bin/env", "/dev/x", "/proc/sys/kernel/hostname"])
def test_all_but_the_working_folder_is_read_only(sandbox: Sandbox, path: str) -> None:
    for user in (None, 0):
        if user == 0 and path.startswith("/dev/") and "user 0 may still write to /dev" in sandbox.capabilities["files"]:
            continue
        assert sandbox.exec(f"echo x > {path}", user=user).rc != 0


@pytest.mark.parametrize(
    "command", ["unshare -Ur true", "unshare -n true", "mount -t tmpfs x /tmp", "chroot . /bin/true"]
)
def test_no_namespace_nor_mount_of_its_own(sandbox: Sandbox, command: str) -> None:
    for user in (None, 0):
        done = sandbox.exec(command, user=user)
        assert done.rc not in (0, 127), done


def test_what_lies_on_this_machine_is_not_seen(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret")
    for path in (tmp_path / "secret", "/etc/shadow", "/proc/1/environ", f"/proc/{os.getpid()}/status"):
        assert b"s3cret" not in sandbox.exec(["cat", str(path)]).stdout
    assert sandbox.exec(["cat", str(tmp_path / "secret")]).rc != 0
    assert int(sandbox.exec("ls -d /proc/[0-9]* | wc -l").stdout) < 8


def test_privileges_cannot_be_gained(sandbox: Sandbox) -> None:
    status = sandbox.exec("cat /proc/self/status", user=0).text
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert fields["NoNewPrivs"] == "1"
    assert int(fields["CapEff"], 16) == int(fields["CapBnd"], 16) == 0


# ---- files


def test_files_come_back_as_they_were_written(sandbox: Sandbox) -> None:
    data = bytes(range(256)) * 10
    for path in ("a", "deep/er/b", "/tmp/c", "-dash", "sp ace/é", "'quote'"):
        sandbox.write(path, data)
        assert sandbox.read(path) == data
    sandbox.write("a", "text é")
    assert sandbox.read("a").decode() == "text é"
    sandbox.write("empty", b"")
    assert sandbox.read("empty") == b""


@pytest.mark.parametrize("path", ["nowhere", "/usr", "", "a\0b"])
def test_a_file_that_cannot_be_read_is_refused(sandbox: Sandbox, path: str) -> None:
    with pytest.raises(FileRefused):
        sandbox.read(path)


@pytest.mark.parametrize("path", ["/usr/x", "/etc/passwd", "/nowhere/x", ".", ""])
def test_a_file_that_cannot_be_written_is_refused(sandbox: Sandbox, path: str) -> None:
    with pytest.raises(FileRefused):
        sandbox.write(path, b"x")


def test_a_link_out_of_the_tree_leads_to_the_sandboxes_own_files(sandbox: Sandbox, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("ours")
    sandbox.exec(["ln", "-s", str(victim), "link"])
    sandbox.exec(["ln", "-s", "/etc/passwd", "accounts"])
    with pytest.raises(FileRefused):
        sandbox.read("link")
    with pytest.raises(FileRefused):
        sandbox.write("link", b"theirs")
    assert victim.read_text() == "ours"
    assert b"root:" in sandbox.read("accounts")
    assert {change.path for change in sandbox.diff()} == {"link", "accounts"}


def test_a_tree_is_copied_with_links_and_modes(sandbox: Sandbox, tree: Path) -> None:
    sandbox.put_tree(tree, "copy/of it")
    shown = sandbox.exec("cat link; ./run.sh; stat -c %a run.sh; readlink link", cwd="copy/of it")
    assert shown.stdout == b"print('main')\nran\n755\nsrc/main.py\n"
    assert sandbox.read("copy/of it/src/deep/data.bin") == bytes(range(256))


# ---- states


def test_a_sandbox_starts_with_its_tree(make: Make, tree: Path) -> None:
    sandbox = make(tree=tree)
    assert sandbox.exec("cat link && ./run.sh").stdout == b"print('main')\nran\n"
    assert sandbox.diff() == []
    (tree / "run.sh").unlink()
    assert sandbox.exec("./run.sh").stdout == b"ran\n", "the tree was copied"


def test_what_changed_is_listed(make: Make, tree: Path) -> None:
    sandbox = make(tree=tree)
    sandbox.exec(
        "echo more >> src/main.py; rm -r src/deep; mkdir -p new/er; echo x > new/er/file; ln -sf run.sh link; chmod 644 run.sh"
    )
    assert sandbox.diff() == [
        Change("link", "modified"),
        Change("new", "added"),
        Change("new/er", "added"),
        Change("new/er/file", "added"),
        Change("run.sh", "modified"),
        Change("src/deep", "deleted"),
        Change("src/deep/data.bin", "deleted"),
        Change("src/main.py", "modified"),
    ]


def test_what_was_changed_back_is_not_listed(make: Make, tree: Path) -> None:
    sandbox = make(tree=tree)
    sandbox.exec(
        "cp src/main.py /tmp/kept; echo x > src/main.py; cat /tmp/kept > src/main.py; touch new; rm new; mv src s; mv s src"
    )
    assert sandbox.diff() == []


def test_a_folder_in_the_place_of_another_hides_what_was_there(make: Make, tree: Path) -> None:
    sandbox = make(tree=tree)
    sandbox.exec("rm -r src && mkdir src && echo new > src/other; rm run.sh; mkdir run.sh; touch run.sh/in")
    assert sandbox.diff() == [
        Change("run.sh", "modified"),
        Change("run.sh/in", "added"),
        Change("src/deep", "deleted"),
        Change("src/deep/data.bin", "deleted"),
        Change("src/main.py", "deleted"),
        Change("src/other", "added"),
    ]


MESS = (
    "rm -r src; echo changed > run.sh; chmod 600 run.sh; ln -sf /etc/passwd link; "
    "echo new > new; echo t > /tmp/t; mkdir -p a/b; touch a/b/c"
)
LOOK = "find . | sort; cat run.sh; stat -c '%a %F' * | sort; readlink link; ls /tmp"


def test_reset_brings_back_deletions_links_and_modes(make: Make, tree: Path) -> None:
    sandbox = make(tree=tree)
    before = sandbox.exec(LOOK).text
    sandbox.exec(MESS)
    assert sandbox.exec(LOOK).text != before
    sandbox.reset()
    assert sandbox.exec(LOOK).text == before
    assert sandbox.diff() == []


def test_restore_brings_back_a_state_in_the_middle(make: Make, tree: Path) -> None:
    sandbox = make(tree=tree)
    sandbox.exec(MESS)
    middle, seen, changed = sandbox.snapshot(), sandbox.exec(LOOK).text, sandbox.diff()
    sandbox.exec("rm -rf * /tmp/*; echo other > other")
    later = sandbox.snapshot()
    sandbox.restore(middle)
    assert sandbox.exec(LOOK).text == seen
    assert sandbox.diff() == changed
    sandbox.restore(later)
    assert sandbox.exec("ls").text == "other\n"
    sandbox.restore(middle)
    sandbox.exec("mkdir src; echo again > src/main.py; rm new")
    assert Change("src/main.py", "modified") in sandbox.diff()
    assert "new" not in {change.path for change in sandbox.diff()}


def test_equal_states_have_equal_snapshots(make: Make, tree: Path) -> None:
    one, two = make(tree=tree), make(tree=tree)
    for sandbox in (one, two):
        sandbox.exec("echo x > x; rm run.sh; mkdir d")
    assert one.snapshot() == two.snapshot()
    two.exec("echo y > x")
    assert one.snapshot() != two.snapshot()


def test_any_sandbox_of_the_tree_can_go_to_a_snapshot(make: Make, tree: Path) -> None:
    one, two = make(tree=tree), make(tree=tree)
    one.exec("echo x > x")
    two.restore(one.snapshot())
    assert two.read("x") == b"x\n"
    with pytest.raises(UsageError, match="same tree"):
        make().restore(one.snapshot())
    with pytest.raises(UsageError, match="same backend"):
        one.restore(Snapshot("other", ()))


def test_forks_do_not_touch(make: Make, tree: Path) -> None:
    sandbox = make(tree=tree)
    sandbox.exec("echo before > x; echo t > /tmp/t")
    with sandbox.fork() as fork, fork.fork() as third:
        fork.exec("echo fork > x; rm run.sh")
        sandbox.exec("echo parent > x")
        assert [each.read("x") for each in (sandbox, fork, third)] == [b"parent\n", b"fork\n", b"before\n"]
        assert third.read("/tmp/t") == b"t\n"
        assert sandbox.exec("./run.sh").rc == 0
    assert sandbox.read("x") == b"parent\n"


def test_many_resets_leave_nothing_behind(make: Make, tree: Path) -> None:
    sandbox = make(tree=tree)
    sandbox.reset()
    descriptors = open_descriptors()
    for number in range(200 if isinstance(sandbox, NamespaceSandbox) else 10):
        if number % 20 == 0:
            sandbox.exec(MESS)
        sandbox.reset()
    assert sandbox.diff() == []
    assert open_descriptors() <= descriptors


def test_thirty_two_sandboxes_at_once(make: Make, tree: Path) -> None:
    sandboxes = [make(tree=tree, limits=Limits(memory_mb=64)) for _ in range(32)]
    with ThreadPoolExecutor(16) as threads:
        made = list(threads.map(lambda pair: pair[1].exec(f"echo {pair[0]} > mine; cat mine"), enumerate(sandboxes)))
        assert [(done.rc, done.stdout) for done in made] == [(0, b"%d\n" % number) for number in range(32)]
        assert list(threads.map(lambda one: one.read("mine"), sandboxes)) == [b"%d\n" % number for number in range(32)]


def test_commands_of_one_sandbox_may_run_at_once(sandbox: Sandbox) -> None:
    with ThreadPoolExecutor(8) as threads:
        outputs = list(threads.map(lambda number: sandbox.exec(f"sleep 0.05; echo {number}").stdout, range(24)))
    assert outputs == [b"%d\n" % number for number in range(24)]


# ---- the end


def test_after_close_nothing_is_left(make: Make, tree: Path) -> None:
    before, descriptors = traces(), open_descriptors()
    mark = marker()
    sandbox = make(tree=tree)
    sandbox.exec(MESS)
    with ThreadPoolExecutor(1) as threads:
        call = threads.submit(sandbox.exec, f"sleep {mark}")
        wait_until(lambda: bool(running(mark)))
        sandbox.close()
        with pytest.raises(EnvFailure):
            call.result(20)
    sandbox.close()
    assert not running(mark)
    assert traces() == before
    kept = 0 if isinstance(sandbox, NamespaceSandbox) else 16  # connections that the docker package keeps for later
    assert open_descriptors() <= descriptors + kept
    with pytest.raises(UsageError, match="closed"):
        sandbox.exec("true")


def open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def traces() -> tuple[object, ...]:
    """Mounts, folders, groups and children that there are now."""
    place = Path(tempfile.gettempdir())
    groups = [str(path) for name in ("memory", "pids", ".") for path in Path("/sys/fs/cgroup", name).glob("envgym-*")]
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    mounts = [line for line in Path("/proc/self/mounts").read_text().splitlines() if "envgym" in line]
    return sorted(place.glob("envgym-sandbox-*")), groups, len(children), mounts


def test_a_process_that_is_killed_leaves_no_mount_and_no_process() -> None:
    mark = marker()
    code = "from envgym.sandbox import NamespaceSandbox\ns = NamespaceSandbox()\nprint(s._holder.place, flush=True)\n"
    code += f"s.exec('sleep {mark}')"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        place = killed.stdout.readline().strip()
        wait_until(lambda: len(running(f"sleep {mark}")) > 2)
        killed.kill()
    wait_until(lambda: not running(mark) and not running(place))
    code = "from envgym.sandbox import NamespaceSandbox\nNamespaceSandbox().close()"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert not os.path.exists(place), "the next process sweeps up"
