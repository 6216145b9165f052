"""Rows of the SWE-bench family, read: one issue, one change, one change of tests, and the ids of the tests that decide.

Field names are those of SWE-bench; SWE-Gym, SWE-rebench and R2E-Gym have some of their own for the same things. A row is refused with the
field and the reason, never repaired. Ids are pytest's; those of unittest, `test_a (module.Class)`, name no file and are refused.
"""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from envgym.environments.reasoning.problem_file import BadRow, NotJson
from envgym.task import faults_of

OTHER_NAMES = {
    "repo": ("repo_name",),
    "base_commit": ("parent_commit",),
    "patch": ("gold_patch",),
    "problem_statement": ("prompt", "issue"),
    "image": ("docker_image", "image_name"),
    "FAIL_TO_PASS": ("fail_to_pass", "F2P"),
    "PASS_TO_PASS": ("pass_to_pass", "P2P"),
}
"""Where else a field may be."""
OF_R2E = ("expected_output_json", "execution_result_content", "parsed_commit_content")
UNITTEST = re.compile(r"\S+ \([\w.]+\)")


def _listed(value: Any) -> Any:
    """A list as a list, whether it comes as one or as JSON text."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise ValueError("expected a list, or a list as JSON text") from None


def _text(value: Any) -> Any:
    return "" if value is None else value


Text = Annotated[str, BeforeValidator(_text)]
Ids = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class SweRow(BaseModel):
    """One row. Fields that are not here are not looked at."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    instance_id: str = Field(min_length=1)
    repo: str = Field(min_length=1)
    base_commit: str = Field(min_length=1)
    patch: str = Field(min_length=1, description="The change of source, as a git diff.")
    test_patch: str = Field(min_length=1, description="The change of tests, as a git diff.")
    problem_statement: Text = ""
    hints_text: Text = ""
    version: Text = ""
    environment_setup_commit: Text = ""
    image: Text = ""
    FAIL_TO_PASS: Ids = Field(min_length=1)
    PASS_TO_PASS: Ids = ()

    @property
    def name(self) -> str:
        """The id, in letters that the name of a folder may have."""
        return re.sub(r"[^A-Za-z0-9._+-]", "_", self.instance_id).lstrip("._+-")[:120] or "row"

    def filled(self, template: str) -> str:
        """A template with {instance_id}, {repo} and {version} of this row; {image_id} is the id as SWE-bench's published images have it."""
        published = self.instance_id.replace("__", "_1776_").lower()
        names = {"instance_id": self.instance_id, "image_id": published, "repo": self.repo, "version": self.version}
        for name, value in names.items():
            template = template.replace(f"{{{name}}}", value)
        return template


def read_row(row: Any) -> SweRow:
    """A row of a file as what it says. Raises BadRow that names the field."""
    if isinstance(row, NotJson):
        raise BadRow(f"not JSON: {row}")
    if not isinstance(row, Mapping):
        raise BadRow(f"expected a JSON object, found {type(row).__name__}")
    fields = {name: _first(row, name) for name in SweRow.model_fields if _first(row, name) is not None}
    missing = [name for name, about in SweRow.model_fields.items() if about.is_required() and name not in fields]
    if missing:
        raise BadRow(f"{missing[0]}: missing{_of_r2e(row)}")
    try:
        read = SweRow.model_validate(fields)
    except ValidationError as error:
        raise BadRow(faults_of(error)) from None
    for field in ("FAIL_TO_PASS", "PASS_TO_PASS"):
        _check_ids(field, getattr(read, field))
    return read


def _first(row: Mapping[str, Any], name: str) -> Any:
    found = (row.get(other) for other in (name, *OTHER_NAMES.get(name, ())))
    return next((value for value in found if value is not None and value != ""), None)


def _of_r2e(row: Mapping[str, Any]) -> str:
    seen = [name for name in OF_R2E if name in row]
    if not seen:
        return ""
    return (
        f"; the row has {', '.join(seen)}, which say how tests ended but name neither the files of the tests nor "
        "which of them failed before: add FAIL_TO_PASS, patch and test_patch"
    )


def _check_ids(field: str, ids: tuple[str, ...]) -> None:
    for test in ids:
        if UNITTEST.fullmatch(test):
            raise BadRow(f"{field}: {test[:120]!r} is an id of unittest, which names no file; ids of pytest are read")
        if not test.partition("::")[0].endswith(".py") or "::" not in test:
            raise BadRow(f"{field}: {test[:120]!r} is no pytest id such as tests/test_a.py::test_b")
