"""What is mounted for one state of a sandbox, as a list that its holder carries out (`keeper/holder.py`).

Under `place` there is one file system in memory with the folders `upper`, `merged` (the overlay) and `tmp`, and a `root` in which a
command's whole view is put together once, so that bubblewrap has one mount to make per command instead of twenty. All of the view but
the working folder and /tmp is read-only, and each mount forbids setuid programs and devices where it need not have them.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from envgym.sandbox.keeper.calls import NO_DEVICES, NO_PROGRAMS, NO_SETUID, READ_ONLY
from envgym.sandbox.root_view import Part

Step = tuple[object, ...]
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
LINKS_IN_DEV = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
    "core": "/proc/kcore",
    "ptmx": "pts/ptmx",
}
PLAIN = NO_SETUID | NO_DEVICES


def layers_plan(
    place: str, store: str, layers: Sequence[str], *, disk_mb: int, owner: int, further: int, in_user_namespace: bool
) -> list[Step]:
    """The folders that are written to, owned by `owner`. Layers lie over each other, the last on top; `further` is how many folders
    there are beside the working folder and /tmp."""
    names = ("upper", "scratch", "merged", "tmp", *(f"further{number}" for number in range(further)))
    written = [f"{place}/{name}" for name in names]
    lower = ":".join(f"{key}/work" for key in reversed(layers))  # relative: mount takes 4096 characters at most
    for_users = ",userxattr" if in_user_namespace else ""
    options = f"lowerdir={lower},upperdir={place}/upper,workdir={place}/scratch{for_users}"
    return [
        ("enter", store),
        ("mount", "tmpfs", place, "tmpfs", PLAIN, f"size={disk_mb}m,mode=0755"),
        *(("folder", folder, owner) for folder in written),
        ("mount", "overlay", f"{place}/merged", "overlay", PLAIN, options),
        ("enter", "/"),
    ]


def view_plan(
    place: str,
    parts: Iterable[Part],
    shown: Mapping[str, Path],
    workdir: str,
    further: Iterable[str],
    hidden: Iterable[str] = (),
) -> list[Step]:
    """A command's root, of `parts` (`root_view.py`), devices, the folders `shown` by where they are, the folders that are written to
    (`workdir`, /tmp and `further`), and nothing where folders are `hidden`."""
    root = f"{place}/root"
    return [
        ("folder", root),
        ("mount", "tmpfs", root, "tmpfs", NO_SETUID | NO_DEVICES, "mode=0755"),
        *(_part(root, part) for part in parts),
        *_devices(root),
        ("folder", f"{root}/proc"),
        ("show", f"{place}/tmp", f"{root}/tmp", PLAIN),
        *(("show", str(folder), f"{root}{where}", PLAIN | READ_ONLY) for where, folder in shown.items()),
        *(("mount", "tmpfs", f"{root}{where}", "tmpfs", PLAIN | READ_ONLY, "mode=0555,size=4k") for where in hidden),
        *(("show", f"{place}/further{number}", f"{root}{where}", PLAIN) for number, where in enumerate(further)),
        ("show", f"{place}/merged", f"{root}{workdir}", PLAIN),
        ("restrict", root, READ_ONLY, False),
    ]


def _part(root: str, part: Part) -> Step:
    kind, source, place = part
    return (
        ("link", source, f"{root}{place}") if kind == "link" else ("show", source, f"{root}{place}", PLAIN | READ_ONLY)
    )


def _devices(root: str) -> list[Step]:
    """As bubblewrap's --dev makes them; /dev/shm is each command's own."""
    return [
        ("folder", f"{root}/dev/pts"),
        ("folder", f"{root}/dev/shm"),
        *(("show", f"/dev/{name}", f"{root}/dev/{name}", NO_SETUID) for name in DEVICES),
        *(("link", target, f"{root}/dev/{name}") for name, target in LINKS_IN_DEV.items()),
        (
            "mount",
            "devpts",
            f"{root}/dev/pts",
            "devpts",
            NO_SETUID | NO_PROGRAMS,
            "newinstance,ptmxmode=0666,mode=620",
        ),
    ]
