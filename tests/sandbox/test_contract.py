"""What every backend keeps to: commands, limits, files. Further parts of the contract: test_states.py, test_endings.py."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from envgym.errors import UsageError
from envgym.sandbox import FileRefused, Limits, Sandbox

Make = Callable[..., Sandbox]
HOG = "import os\nheld = []\nwhile True:\n    held.append(b'x' * (8 << 20))\n"


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


def test_the_usual_devices_are_there(sandbox: Sandbox) -> None:
    done = sandbox.exec("echo x > /dev/null; head -c 8 /dev/zero /dev/urandom | wc -l; cat /dev/stdin", stdin=b"in")
    assert done.stdout.endswith(b"in")
    assert done.stderr == b""
    talk = "import os, pty; ours, theirs = pty.openpty(); os.write(theirs, b'x'); print(os.read(ours, 1), os.ttyname(theirs))"
    assert sandbox.exec(["python3", "-c", talk]).stdout.startswith(b"b'x' /dev/pts/")


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
