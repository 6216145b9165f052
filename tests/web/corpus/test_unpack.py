"""Archives that a recipe unpacks: only wanted plain files, only inside the folder, only so much."""

import io
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest

from envgym.environments.web.corpus.recipes import unpack as unpacking
from envgym.environments.web.corpus.recipes.unpack import unpack
from envgym.errors import UsageError

from .small_packages import deb, tgz


def test_only_wanted_files_are_written(tmp_path: Path) -> None:
    archive = tgz(tmp_path / "a.tgz", {"package/a.json": b"a", "package/sub/b.json": b"b", "package/run.js": b"no"})
    unpack(archive, tmp_path / "out", ("package/*.json",))
    assert sorted(
        str(file.relative_to(tmp_path / "out")) for file in (tmp_path / "out").rglob("*") if file.is_file()
    ) == [
        "package/a.json",
        "package/sub/b.json",
    ]


def test_a_wheel_and_a_debian_package_are_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as wheel:
        wheel.writestr("a/data.csv", "x")
    unpack(tmp_path / "a.whl", tmp_path / "w")
    unpack(deb(tmp_path / "a.deb", {"usr/share/x": b"deb"}), tmp_path / "d", ("usr/*",))
    assert (tmp_path / "w/a/data.csv").read_text() == "x"
    assert (tmp_path / "d/usr/share/x").read_bytes() == b"deb"


@pytest.mark.parametrize("name", ["../out.json", "/etc/out.json", "a/../../out.json", "..\\out.json"])
def test_a_member_outside_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="outside the folder"):
        unpack(tgz(tmp_path / "a.tgz", {name: b"x"}), tmp_path / "in" / "out")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as zipped:
        zipped.writestr(name, "x")
    with pytest.raises(UsageError, match="outside the folder"):
        unpack(tmp_path / "a.zip", tmp_path / "in" / "out")
    assert not list(tmp_path.rglob("*.json"))


def test_links_and_devices_are_passed_over(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        for kind, name in (
            (tarfile.SYMTYPE, "link"),
            (tarfile.LNKTYPE, "hard"),
            (tarfile.CHRTYPE, "device"),
            (tarfile.FIFOTYPE, "pipe"),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            tar.addfile(info)
        info = tarfile.TarInfo("file")
        info.size = 1
        tar.addfile(info, io.BytesIO(b"x"))
    assert unpack(tmp_path / "a.tar", tmp_path / "out") == [tmp_path / "out/file"]


def test_too_large_a_member_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "ONE_MEMBER", 1 << 20)
    with pytest.raises(UsageError, match="the limit is 1"):
        unpack(tgz(tmp_path / "a.tgz", {"zeros": bytes(2 << 20)}), tmp_path / "out")
    assert not (tmp_path / "out/zeros").exists()


def test_too_much_in_all_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "BYTES", 1 << 20)
    with pytest.raises(UsageError, match="unpacks to more than 1 MiB"):
        unpack(tgz(tmp_path / "a.tgz", {f"zeros{i}": bytes(300_000) for i in range(5)}), tmp_path / "out")


def test_too_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MEMBERS", 3)
    with pytest.raises(UsageError, match="more than 3 members"):
        unpack(tgz(tmp_path / "a.tgz", {f"f{i}": b"" for i in range(5)}), tmp_path / "out")


def test_a_tape_that_goes_on_and_on_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "ALL_BYTES", 1 << 20)
    with pytest.raises(UsageError, match="not a package that a corpus is made from"):
        unpack(tgz(tmp_path / "a.tgz", {"skipped": bytes(2 << 20), "wanted": b"x"}), tmp_path / "out", ("wanted",))


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("zeros", bytes(5_000_000))
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = content.index(mark) + offset
        content[place : place + 4] = struct.pack("<I", 10)
    path.write_bytes(content)
    with pytest.raises(UsageError):
        unpack(path, tmp_path / "out")
    written = tmp_path / "out/zeros"
    assert not written.exists() or written.stat().st_size <= 11


@pytest.mark.parametrize(
    "content",
    [b"", b"no archive", b"!<arch>\n", b"!<arch>\n" + b"x" * 100, b"PK\x03\x04" + b"x" * 50, b"\x1f\x8b" + b"x" * 50],
)
def test_what_is_no_archive_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.tgz").write_bytes(content)
    with pytest.raises(UsageError, match=r"a\.tgz"):
        unpack(tmp_path / "a.tgz", tmp_path / "out")


def test_an_archive_without_the_wanted_files_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has none of the files"):
        unpack(tgz(tmp_path / "a.tgz", {"other": b"x"}), tmp_path / "out", ("package/*",))
