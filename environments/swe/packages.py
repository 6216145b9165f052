"""Packages that the tests of a recipe need: a folder, installed once from wheels, kept in the user's cache, shown to sandboxes read-only.

Only wheels are taken, so that nothing of a package runs on this machine; in a sandbox it runs like the tree does.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from envgym.environments.swe.task_folder import Recipe
from envgym.errors import EnvFailure, UsageError

INSTALL_S = 600


def packages_folder(recipe: Recipe) -> Path | None:
    """The folder with what the recipe requires; None where that is nothing.

    Raises UsageError where pip refuses a requirement, EnvFailure where the package index cannot be reached.
    """
    if not recipe.requires:
        return None
    for requirement in recipe.requires:
        if requirement.startswith("-") or not requirement.strip():
            raise UsageError(f"recipe.requires: {requirement!r} is no requirement such as 'freezegun>=1.5'")
    kept = _cache() / _key(recipe.requires)
    if not kept.is_dir():
        _install(recipe.requires, kept)
    return kept


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute() / "envgym" / "packages"


def _key(requires: tuple[str, ...]) -> str:
    """Equal for equal requirements of equal interpreters."""
    about = [sorted(requires), sys.implementation.cache_tag, sysconfig.get_platform()]
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()[:32]


def _install(requires: tuple[str, ...], kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=kept.parent))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--no-compile", "--only-binary", ":all:", "--target", str(draft), "--", *requires]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_S, check=False)
        if done.returncode != 0:
            raise _refused(requires, done.stderr)
        draft.chmod(0o755)
        if not kept.is_dir():
            os.rename(draft, kept)
    except subprocess.TimeoutExpired as error:
        raise EnvFailure(f"pip did not install {', '.join(requires)} within {INSTALL_S} s; try again") from error
    except OSError as error:
        if not kept.is_dir():  # somebody else may have been faster
            raise EnvFailure(f"packages cannot be kept in {kept.parent}: {error}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _refused(requires: tuple[str, ...], said: str) -> Exception:
    wanted = ", ".join(requires)
    unreachable = ("connection broken by", "Max retries exceeded", "Temporary failure in name resolution")
    if any(sign in said for sign in unreachable):
        return EnvFailure(
            f"no package index can be reached to install {wanted}: connect once, or point pip to one (PIP_INDEX_URL, PIP_FIND_LINKS)"
        )
    return UsageError(f"pip cannot install {wanted} from wheels alone: {said.strip()[-600:]}")
