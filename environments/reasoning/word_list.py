"""The bundled list of common English words, 4 to 9 lower-case letters each, in alphabetical order."""

from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).parent / "data" / "words.txt"


@lru_cache(maxsize=1)
def common_words() -> tuple[str, ...]:
    return tuple(FILE.read_text(encoding="utf-8").split())
