"""Harbor task folders are read as data; what cannot be honoured is refused, what is not known is listed."""

from pathlib import Path

import pytest

from envgym.environments.harbor.task_file import HarborFolder, harbor_folders
from envgym.errors import UsageError

from .folders import write_folder

FULL = """schema_version = "1.1"
artifacts = ["/app"]
colour = "blue"
[task]
name = "org/name"
[metadata]
anything = { goes = true }
[agent]
timeout_sec = 60
user = "root"
[verifier]
timeout_sec = 9.5
env = { MODE = "strict" }
user = 0
environment_mode = "shared"
retries = 3
[environment]
docker_image = "some/image:1"
cpus = 2
memory = "2G"
storage_mb = 512
allow_internet = true
gpus = 1
"""


def test_a_folder_says_what_it_asks_for_and_what_is_not_done(tmp_path: Path) -> None:
    folder = HarborFolder.read(write_folder(tmp_path / "a", task_Dtoml=FULL))
    assert folder.task.memory_mb == 2048
    assert folder.task.verifier.timeout_sec == 9.5
    assert folder.task.verifier.env == {"MODE": "strict"}
    assert folder.task.environment.docker_image == "some/image:1"
    assert folder.unknown == ("colour", "verifier.retries", "environment.gpus")
    said = " ".join(folder.remarks)
    for part in ("network", "user", "always separate", "colour: not known"):
        assert part in said


def test_equal_folders_have_equal_digests_and_a_changed_test_another(tmp_path: Path) -> None:
    one, two = (HarborFolder.read(write_folder(tmp_path / name)) for name in "ab")
    assert one.digest == two.digest
    assert HarborFolder.read(write_folder(tmp_path / "c", tests__test_Dsh="true\n")).digest != one.digest


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({"task_Dtoml": "[[steps]]\nname = 'one'\n"}, "several steps"),
        ({"environment__docker-compose_Dyaml": "services: {}\n"}, "several containers"),
        ({"tests__Dockerfile": "FROM x\n"}, "image of its own"),
        ({"task_Dtoml": "[verifier.environment]\ndocker_image = 'x'\n"}, "environment of its own"),
        ({"task_Dtoml": "[verifier]\nenv = { KEY = '${SECRET}' }\n"}, "verifier.env.KEY"),
        ({"task_Dtoml": "[verifier]\ntimeout_sec = -1\n"}, "verifier.timeout_sec"),
        ({"task_Dtoml": "[environment]\nmemory = 'much'\n"}, "environment.memory"),
        ({"task_Dtoml": "not toml"}, "cannot read"),
    ],
)
def test_what_cannot_be_played_is_refused(tmp_path: Path, files: dict[str, str], what: str) -> None:
    with pytest.raises(UsageError, match=what):
        HarborFolder.read(write_folder(tmp_path / "a", **files))


def test_missing_parts_are_named(tmp_path: Path) -> None:
    (write_folder(tmp_path / "a") / "tests" / "test.sh").unlink()
    with pytest.raises(UsageError, match=r"tests/test\.sh"):
        HarborFolder.read(tmp_path / "a")
    with pytest.raises(UsageError, match="no Harbor task folders"):
        harbor_folders(tmp_path / "a" / "tests")
    assert harbor_folders(tmp_path) == harbor_folders(tmp_path / "a") == [tmp_path / "a"]
