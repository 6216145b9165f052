"""Places beside the working folder: folders that are shown elsewhere, read-only, and empty ones that can be written."""

from collections.abc import Callable
from pathlib import Path

import pytest

from envgym.errors import UsageError
from envgym.sandbox import NamespaceSandbox, Sandbox, SandboxSpec

Make = Callable[..., Sandbox]


@pytest.fixture
def tests(tmp_path: Path) -> Path:
    """A folder that anybody may write to, were it not for how it is shown."""
    folder = tmp_path / "tests"
    (folder / "deep").mkdir(parents=True)
    (folder / "test.sh").write_text("echo from the tests > /logs/verifier/reward.txt\n")
    for path in (folder, folder / "deep", folder / "test.sh"):
        path.chmod(0o777)
    return folder


def test_a_placed_folder_can_be_read_and_run_but_not_changed(make: Make, tests: Path) -> None:
    sandbox = make(placed={"/tests": tests}, scratch=("/logs/verifier",), workdir="/app")
    assert sandbox.exec("sh /tests/test.sh").rc == 0
    assert sandbox.read("/logs/verifier/reward.txt") == b"from the tests\n"
    for attack in (
        "echo x > /tests/test.sh",
        "rm /tests/test.sh",
        "touch /tests/new",
        "touch /tests/deep/new",
        "mv /tests /gone",
        "chmod 777 /tests",
    ):
        assert sandbox.exec(attack).rc != 0, attack
    assert sandbox.read("/tests/test.sh") == b"echo from the tests > /logs/verifier/reward.txt\n"
    assert (tests / "test.sh").read_text() == "echo from the tests > /logs/verifier/reward.txt\n"


def test_a_scratch_folder_stays_between_commands_and_is_no_part_of_a_state(make: Make) -> None:
    sandbox = make(scratch=("/logs/verifier", "/var-of-ours"))
    sandbox.exec("echo 1 > /logs/verifier/a && echo 2 > /var-of-ours/b && echo 3 > kept")
    assert sandbox.exec("cat /logs/verifier/a /var-of-ours/b").stdout == b"1\n2\n"
    kept = sandbox.snapshot()
    sandbox.restore(kept)
    assert (
        sandbox.exec("ls -A /logs/verifier /var-of-ours; cat kept").stdout == b"/logs/verifier:\n\n/var-of-ours:\n3\n"
    )


def test_a_scratch_folder_counts_as_disk(make: Make) -> None:
    from envgym.sandbox import Limits

    sandbox = make(scratch=("/logs",), limits=Limits(disk_mb=2, memory_mb=256))
    assert sandbox.exec("head -c 8000000 /dev/zero > /logs/much").rc != 0


@pytest.mark.parametrize(
    ("spec", "what"),
    [
        ({"scratch": ("/tmp/x",)}, "/tmp is in its way"),
        ({"scratch": ("/usr/x",)}, "read-only"),
        ({"scratch": ("/workspace/x",)}, "the working folder /workspace is in its way"),
        ({"scratch": ("/a", "/a/b")}, "is in its way"),
        ({"scratch": ("/a", "/a")}, "is in its way"),
        ({"placed": {"/tests": Path("/no/such/folder")}}, "absolute path of a folder"),
    ],
)
def test_a_place_that_cannot_be_is_refused(spec: dict[str, object], what: str) -> None:
    with pytest.raises(UsageError, match=what):
        NamespaceSandbox(SandboxSpec(**spec))  # type: ignore[arg-type]
