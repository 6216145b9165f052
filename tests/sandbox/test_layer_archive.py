"""What a sandbox wrote, as bytes: another store gives the same state, deletions and replaced folders too."""

import io
import tarfile
from itertools import count
from pathlib import Path

import pytest

from envgym.errors import UsageError
from envgym.sandbox import LayerStore, NamespaceSandbox, Snapshot
from envgym.sandbox.layer_archive import content_digest, pack, unpack

LOOK = "find . /tmp -printf '%p %y %m %l\n' | sort; cat $(find . /tmp -type f | sort)"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for path, content in {"a/b/c": "1", "a/d": "2", "e": "3", "f/g": "4", "h": "5"}.items():
        (tmp_path / "tree" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / path).write_text(content)
    return tmp_path / "tree"


@pytest.fixture
def stores(tmp_path: Path) -> tuple[LayerStore, LayerStore]:
    return LayerStore(tmp_path / "one"), LayerStore(tmp_path / "two")


def state(sandbox: NamespaceSandbox) -> bytes:
    return pack(sandbox.store, sandbox.snapshot().keys)


@pytest.mark.parametrize(
    "script",
    [
        "rm -r a; mkdir a; echo new > a/new",
        "rm e; ln -s /etc/passwd e; mkfifo pipe; chmod 700 h",
        "rm -r f; echo file > f; rm h; mkdir h; echo in > h/x; echo tmp > /tmp/kept; mkdir -m 1777 /tmp/all",
        "rm -r a f e h",
        "mv a z; echo 'ü' > \"$(printf 'n\\377\\n')\"",
    ],
)
def test_another_store_gives_the_same_state_and_the_same_bytes(
    tree: Path, stores: tuple[LayerStore, LayerStore], script: str
) -> None:
    one, two = stores
    with NamespaceSandbox(store=one, base=one.put(tree)) as sandbox:
        assert sandbox.exec(script).rc == 0
        packed, wanted = state(sandbox), sandbox.exec(LOOK).text
    base = two.put(tree)
    start = Snapshot("namespaces", (base, unpack(two, packed)))
    with NamespaceSandbox(store=two, base=base, start=start) as sandbox:
        assert sandbox.exec(LOOK).text == wanted
        assert state(sandbox) == packed


def test_layers_over_each_other_become_one(tree: Path, stores: tuple[LayerStore, LayerStore]) -> None:
    store, other = stores
    base = store.put(tree)
    keys: tuple[str, ...] = (base,)
    scripts = (
        "echo x > a/x; rm -r f; rm h",
        "mkdir f h; echo y > f/y; rm -r a/b; echo z > e",
        "rm e; mkdir -p a/b e; rm f/y",
    )
    for script in scripts:
        with NamespaceSandbox(store=store, base=base, start=Snapshot("namespaces", keys)) as sandbox:
            assert sandbox.exec(script).rc == 0
            wanted, keys = sandbox.exec(LOOK).text, sandbox.snapshot().keys
    assert len(keys) == 4
    assert other.put(tree) == base
    start = Snapshot("namespaces", (base, unpack(other, pack(store, keys))))
    with NamespaceSandbox(store=other, base=base, start=start) as sandbox:
        assert sandbox.exec(LOOK).text == wanted


def test_the_digest_follows_the_content_and_not_the_time(tree: Path, tmp_path: Path) -> None:
    numbers = count()

    def digest(script: str) -> str:
        store = LayerStore(
            tmp_path / str(next(numbers))
        )  # a store keeps the first of two layers that differ in time alone
        with NamespaceSandbox(store=store, base=store.put(tree)) as sandbox:
            sandbox.exec(script)
            return content_digest(state(sandbox))

    assert digest("echo 1 > x; touch -d 2020-01-01 x; rm e") == digest("echo 1 > x; touch -d 2021-01-01 x; rm e")
    others = {
        digest(script)
        for script in ("", "echo 2 > x; rm e", "echo 1 > x", "echo 1 > y; rm e", "echo 1 > x; chmod 700 x")
    }
    assert len({*others, digest("echo 1 > x; rm e")}) == 6


def test_nothing_written_is_no_bytes(tree: Path, stores: tuple[LayerStore, LayerStore]) -> None:
    with NamespaceSandbox(store=stores[0], base=stores[0].put(tree)) as sandbox:
        sandbox.exec("cat e; ls -R")
        assert state(sandbox) == b""


@pytest.mark.parametrize(
    ("name", "kind"),
    [("/etc/x", tarfile.REGTYPE), ("work/../../x", tarfile.REGTYPE), ("other", tarfile.REGTYPE), ("work/a", tarfile.BLKTYPE)],
)  # fmt: skip
def test_bytes_that_no_sandbox_made_are_refused(stores: tuple[LayerStore, LayerStore], name: str, kind: bytes) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for each, of in (("work", tarfile.DIRTYPE), (name, kind)):
            entry = tarfile.TarInfo(each)
            entry.type = of
            archive.addfile(entry)
    with pytest.raises(UsageError, match="no state of a sandbox"):
        unpack(stores[0], made.getvalue())
    with pytest.raises(UsageError, match="no state of a sandbox"):
        unpack(stores[0], b"nonsense")


def test_no_path_leads_through_a_link(stores: tuple[LayerStore, LayerStore], tmp_path: Path) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        folder, link, file = tarfile.TarInfo("work"), tarfile.TarInfo("work/out"), tarfile.TarInfo("work/out/file")
        folder.type, link.type, link.linkname = tarfile.DIRTYPE, tarfile.SYMTYPE, str(tmp_path)
        for entry in (folder, link, file):
            archive.addfile(entry)
    with pytest.raises(UsageError, match="has no place"):
        unpack(stores[0], made.getvalue())
    assert not (tmp_path / "file").exists()
