"""The harbor environment: work in the task's folder, judged by its own tests in a sandbox that the agent never was in."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from envgym.environments.harbor.harbor_env import Harbor
from envgym.environments.harbor.judge import run_verifier
from envgym.environments.harbor.solution import solve
from envgym.errors import EnvFailure, UsageError
from envgym.message import call, text_of
from envgym.verdict import Outcome

from .folders import write_folder


@pytest.fixture
def made() -> Iterator[list[Harbor]]:
    kept: list[Harbor] = []
    yield kept
    for env in kept:
        env.close()


def start(made: list[Harbor], place: Path, *, sandbox: Any = "namespaces", knobs: Any = None, **files: str) -> Harbor:
    """An episode of a small task."""
    folder = write_folder(place / "task", **files)
    env = Harbor(data=str(folder), sandbox=sandbox, **(knobs or {}))
    made.append(env)
    env.reset()
    return env


def said(env: Harbor, name: str, **arguments: Any) -> str:
    return text_of(env.step(call(name, **arguments))[0][0])


@pytest.mark.parametrize("task", ["count_levels", "tidy_names"])
def test_a_bundled_task_is_solved_by_its_solution_and_not_by_nothing(made: list[Harbor], task: str) -> None:
    env = Harbor()
    made.append(env)
    env.reset(options={"task": task})
    assert env.verify().score == 0.0
    for action in env.oracle():
        result = env.step(action)
    assert result[1:3] == (1.0, True)


def test_half_of_a_task_is_half_a_reward(made: list[Harbor]) -> None:
    env = Harbor()
    made.append(env)
    env.reset(options={"task": "tidy_names"})
    said(env, "shell", command="bash -c \"$(printf '%s' 'true')\"")
    solution = (env.harbor_folder.solution / "solve.sh").read_text()
    said(env, "shell", command=f"{solution}\nrm renamed.tsv")
    assert env.verify().outcome is Outcome.PARTIAL
    assert env.verify().score == 0.5


def test_the_tests_are_out_of_the_agents_sight_and_what_it_leaves_elsewhere_does_not_come_along(
    made: list[Harbor], tmp_path: Path
) -> None:
    env = start(
        made,
        tmp_path,
        tests__test_Dsh="ls -A /logs/verifier; find /tmp -name 'left.pth'; echo done; echo 0 > /logs/verifier/reward.txt\n",
    )
    assert "No such file" in said(env, "shell", command="ls /tests")
    assert {spec["function"]["name"] for spec in env.tools()} >= {"shell", "edit", "submit"}
    assert "run_tests" not in {spec["function"]["name"] for spec in env.tools()}
    said(env, "shell", command="mkdir -p ~/.local/lib && echo x > ~/.local/lib/left.pth; (sleep 60 &) ; echo 1 > kept")
    verdict = env.verify()
    assert verdict.score == 0.0
    assert verdict.evidence[0].text == "done"


def test_the_agents_folder_is_what_the_verifier_sees_deletions_and_all(made: list[Harbor], tmp_path: Path) -> None:
    look = "find . -mindepth 1 | sort; echo 1 > /logs/verifier/reward.txt; rm -rf ./*"
    env = start(
        made,
        tmp_path,
        environment__Dockerfile="FROM x\nWORKDIR /app\nCOPY data data/\nCOPY data /data\n",
        environment__data__old="old\n",
        tests__test_Dsh=f"{look}\n",
    )
    said(env, "shell", command="rm data/old; ln -s /etc/passwd link; echo 1 > data/new; cat /data/old > copied")
    assert env.verify().evidence[0].text == "./copied\n./data\n./data/new\n./link"
    assert said(env, "shell", command="ls data") == "[exit code 0]\nnew\n"


@pytest.mark.parametrize(
    ("test", "why"),
    [
        ("true\n", "neither"),
        ("echo nan > /logs/verifier/reward.txt\n", "finite"),
        ("echo 1 > /logs/verifier/reward.txt; echo '{\"a\": 1}' > /logs/verifier/reward.json\n", "both"),
        ('echo \'{"a": "1"}\' > /logs/verifier/reward.json\n', "finite"),
        ("mkdir /logs/verifier/reward.txt\n", "cannot be read"),
        ("ln -s /no/such /logs/verifier/reward.txt\n", "cannot be read"),
    ],
)
def test_a_verifier_without_a_reward_makes_the_task_invalid_and_never_a_score(
    made: list[Harbor], tmp_path: Path, test: str, why: str
) -> None:
    env = start(made, tmp_path, tests__test_Dsh=test)
    verdict = env.verify()
    assert verdict.outcome is Outcome.TASK_INVALID
    assert why in verdict.reason
    said(env, "shell", command="echo 42 > answer.txt")
    assert env.verify().outcome is Outcome.TASK_INVALID
    with pytest.raises(EnvFailure, match=r"harbor\.no_reward"):
        env.step(call("submit"))


def test_work_that_keeps_a_sound_verifier_from_its_end_is_worth_nothing(made: list[Harbor], tmp_path: Path) -> None:
    toml = "[verifier]\ntimeout_sec = 2.0\n"
    test = "[ -e run.sh ] && bash run.sh\necho 0.5 > /logs/verifier/reward.txt\n"
    env = start(made, tmp_path, task_Dtoml=toml, tests__test_Dsh=test)
    assert env.verify().score == 0.5
    for hostile in ("sleep 60", "kill -9 $PPID"):
        env.write("run.sh", hostile)
        verdict = env.verify()
        assert (verdict.score, verdict.code) == (0.0, "harbor.broke_verifier"), verdict


def test_a_daemon_of_the_candidate_cannot_change_a_reward_that_was_read(made: list[Harbor], tmp_path: Path) -> None:
    test = "[ -e run.sh ] && bash run.sh\necho 0 > /logs/verifier/reward.txt\n"
    env = start(made, tmp_path, tests__test_Dsh=test)
    env.write("run.sh", "(setsid sh -c 'sleep 0.3; echo 1 > /logs/verifier/reward.txt' &)\n")
    env.write("tests.sh", "x")
    run = run_verifier(env.harbor_folder, env.world, env.workspace.written)
    assert run.reward == 0.0
    env.write("run.sh", "echo 'echo 1 > /logs/verifier/reward.txt' > /tests/test.sh")
    assert env.verify().score == 0.0


def test_the_environment_of_the_verifier_is_the_verifiers_alone(made: list[Harbor], tmp_path: Path) -> None:
    toml = "[verifier]\nenv = { SECRET = 'of the verifier' }\n[environment]\nenv = { SHARED = 'yes' }\n"
    env = start(
        made, tmp_path, task_Dtoml=toml, tests__test_Dsh="echo $SECRET $SHARED; echo 0 > /logs/verifier/reward.txt\n"
    )
    assert said(env, "shell", command="echo $SECRET $SHARED") == "[exit code 0]\nyes\n"
    assert env.verify().evidence[0].text == "of the verifier yes"


def test_a_changed_folder_and_wrong_knobs_are_refused(made: list[Harbor], tmp_path: Path) -> None:
    env = start(made, tmp_path)
    task = env.task
    (tmp_path / "task" / "tests" / "test.sh").write_text("echo 1 > /logs/verifier/reward.txt\n")
    with pytest.raises(UsageError, match="digest differs"):
        env.reset(options={"task": task})
    with pytest.raises(UsageError, match="one of them"):
        Harbor(root=str(tmp_path), image="x")
    with pytest.raises(UsageError, match="no folder with a root"):
        Harbor(root=str(tmp_path / "none"))


def small_root(root: Path, programs: str) -> Path:
    """A root filesystem with a few of this machine's programs and the libraries that they need."""
    (root / "opt" / "mark").mkdir(parents=True)
    for name in ("bin", "lib", "lib64"):
        (root / "usr" / name).mkdir(parents=True)
        if Path("/", name).is_symlink():
            (root / name).symlink_to(Path("/", name).readlink())
    for name in programs.split():
        program = shutil.which(name, path="/usr/bin:/bin")
        assert program is not None
        needed = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
        for place in [program, *re.findall(r"(/\S+)", needed)]:
            (root / place[1:]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(place, root / place[1:])
    return root


def test_a_root_filesystem_of_ones_own_is_what_the_agent_sees(made: list[Harbor], tmp_path: Path) -> None:
    root = small_root(tmp_path / "root", "bash sh cat ls mkdir tar rm head base64 gzip")
    (root / "app").mkdir()
    (root / "app" / "from_root.txt").write_text("of the root\n")
    env = start(made, tmp_path, sandbox="auto", knobs={"root": str(root)})
    seen = said(env, "shell", command="ls /opt; cat from_root.txt; ls /usr/bin | head -1")
    assert seen == "[exit code 0]\nmark\nof the root\nbase64\n"
    for command in solve(env.harbor_folder):
        said(env, "shell", command=command)
    assert env.verify().score == 1.0
