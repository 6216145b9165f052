"""reasoning-gym itself: its datasets by name, their settings as checked knobs, and one entry per seed.

The package is imported when it is first needed, and takes seconds. An entry depends on nothing but (name, settings, seed): it is
`create_dataset(name, seed=seed, size=SIZE, **settings)[seed % SIZE]`. The global random streams are set for the draw and put
back, because a few generators use them.
"""

import copy
import dataclasses
import decimal
import importlib
import json
import random
import typing
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, lru_cache
from types import ModuleType
from typing import Any

import numpy
from pydantic import Field, TypeAdapter, ValidationError, create_model

from envgym.env import EnvKnobs
from envgym.errors import UsageError
from envgym.task import canonical_json

SIZE = 10
"""Entries of one dataset object. Some lay all of them out when they are made; acre takes entries of three kinds in turn."""
OURS = ("seed", "size")
"""Settings that the task set decides."""
RENAMED = {"tasks": "task_kinds"}
"""Settings whose names mean something else to every environment."""
THEIRS = {ours: theirs for theirs, ours in RENAMED.items()}
SLOW_TO_MAKE = frozenset(
    {"arc_agi", "codeio", "figlet_font", "group_anagrams", "rearc", "spell_backward", "word_ladder"}
)
"""They read their data anew in each dataset object (up to 0.6 s) and draw nothing then, so one object serves every seed."""


def package() -> ModuleType:
    """reasoning-gym. Raises UsageError that says how to get it."""
    try:
        return importlib.import_module("reasoning_gym")
    except ModuleNotFoundError as error:
        raise UsageError(f"rg:<name> needs reasoning-gym ({error}): pip install 'envgym[reasoning-gym]'") from error


def registered() -> Mapping[str, tuple[type, type]]:
    """Dataset class and settings class by name."""
    package()
    found: Mapping[str, tuple[type, type]] = importlib.import_module("reasoning_gym.factory").DATASETS
    return found


@cache
def knobs_of(name: str) -> type[EnvKnobs]:
    """The dataset's settings as knobs, and the threshold."""
    settings = registered()[name][1]
    kinds = typing.get_type_hints(settings)
    fields: dict[str, Any] = {
        "threshold": (float, Field(default=1.0, gt=0, le=1, description="Least raw score that passes.")),
    }
    for field in dataclasses.fields(settings):
        if field.name not in OURS:
            default = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
            about = f"reasoning-gym's {field.name} of {name}."
            kind, fitting = fit(kinds[field.name], default)
            fields[RENAMED.get(field.name, field.name)] = (kind, Field(default=fitting, description=about))
    return create_model("Knobs", __base__=EnvKnobs, __module__=__name__, **fields)


def fit(kind: Any, default: Any) -> tuple[Any, Any]:
    """A type and a default that is one: reasoning-gym gives tuples for lists, a text for a tuple, three items for `tuple[str]`."""
    try:
        return kind, TypeAdapter(kind).validate_python(default)
    except ValidationError:
        return Any, default


def settings_of(knobs: EnvKnobs) -> str:
    """The settings that differ from reasoning-gym's own, as canonical JSON: text, so that caches can go by it."""
    usual = type(knobs)().model_dump(mode="json")
    given = knobs.model_dump(mode="json", exclude={"threshold"})
    return canonical_json({name: value for name, value in given.items() if value != usual[name]}).decode()


def dataset(name: str, settings: str, seed: int) -> Any:
    """A dataset object. Raises UsageError for settings that it refuses."""
    makes, takes = registered()[name]
    try:
        given = json.loads(settings)
        knobs = knobs_of(name)(**given)
        config = takes(**{THEIRS.get(key, key): getattr(knobs, key) for key in given}, seed=seed, size=SIZE)
        getattr(config, "validate", lambda: None)()
        return makes(config)
    except (AssertionError, ValueError, TypeError) as error:  # a ValidationError is a ValueError
        raise UsageError(f"rg:{name} refuses {settings}: {error or type(error).__name__}") from error


ready_made = lru_cache(maxsize=16)(dataset)


def entry(name: str, settings: str, seed: int) -> dict[str, Any]:
    """The entry of `seed`: question, answer (None where reasoning-gym knows none) and metadata."""
    with global_stream(seed):
        source = (
            reseeded(ready_made(name, settings, 0), seed) if name in SLOW_TO_MAKE else dataset(name, settings, seed)
        )
        found: dict[str, Any] = source[seed % SIZE]
    return found


def reseeded(source: Any, seed: int) -> Any:
    """A shallow copy of a dataset object that draws by another seed."""
    twin = copy.copy(source)
    twin.config = dataclasses.replace(source.config, seed=seed)
    twin.seed = seed
    return twin


@contextmanager
def global_stream(seed: int) -> Iterator[None]:
    """The global random streams, set by `seed` inside and as they were outside; so is the precision of decimals, which one of them sets."""
    before, numpy_before = random.getstate(), numpy.random.get_state()
    random.seed(seed)
    numpy.random.seed(seed)
    try:
        with decimal.localcontext(decimal.Context()):
            yield
    finally:
        random.setstate(before)
        numpy.random.set_state(numpy_before)
