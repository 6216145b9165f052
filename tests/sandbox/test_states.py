"""What every backend keeps to about states: what changed, reset, snapshots, forks."""

from collections.abc import Callable
from pathlib import Path

import pytest

import envgym
from envgym.errors import UsageError
from envgym.sandbox import Change, LayerStore, NamespaceSandbox, Sandbox, SandboxSpec, Snapshot

Make = Callable[..., Sandbox]


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


def test_a_file_that_claims_to_be_huge_holds_nobody_up(tree: Path, tmp_path: Path) -> None:
    with NamespaceSandbox(SandboxSpec(tree=tree), store=LayerStore(tmp_path / "store")) as sandbox:
        sandbox.exec("truncate -s 1T huge; truncate -s 1T src/main.py; echo end >> huge")
        assert [(each.path, each.kind) for each in sandbox.diff()] == [("huge", "added"), ("src/main.py", "modified")]
        kept = sandbox.snapshot()
        sandbox.exec("truncate -s 2T huge")
        assert sandbox.snapshot() != kept
        sandbox.restore(kept)
        assert sandbox.exec("stat -c %s huge").stdout == b"1099511627780\n"


def test_what_a_sandbox_shows_of_this_machine_holds_nothing_of_envgym(tmp_path: Path) -> None:
    package = Path(envgym.__file__).resolve().parent
    with NamespaceSandbox(SandboxSpec(show=(package.parent,)), store=LayerStore(tmp_path / "store")) as sandbox:
        done = sandbox.exec(["find", str(package)])
        assert done.stdout.decode().split() == [str(package)]
        assert sandbox.exec(["touch", f"{package}/x"]).rc != 0
