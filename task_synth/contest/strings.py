"""Problems about strings."""

from random import Random
from typing import Any

from envgym.task_synth.contest.problem import SLOW, Problem, line


def word(rng: Random, size: int, top: int) -> str:
    return "".join(rng.choice("abcdefghijklmnopqrstuvwxyz"[: min(26, top + 1)]) for _ in range(size))


def brute_block(text: str) -> list[Any]:
    pieces = [text[a:b] for a in range(len(text)) for b in range(a + 1, len(text) + 1)]
    equal = [piece for piece in pieces if len(set(piece)) == 1]
    if not equal:
        return ["", 0]
    longest = max(map(len, equal))
    return [next(piece for piece in equal if len(piece) == longest)[0], longest]


def brute_period(text: str) -> int:
    length = len(text)
    return next(p for p in range(1, length + 1) if (text[:p] * length)[:length] == text)


def brute_distinct(text: str) -> int:
    return len({text[a:b] for a in range(len(text)) for b in range(a + 1, len(text) + 1)})


def draw_periodic(rng: Random, size: int, top: int) -> list[Any]:
    piece = word(rng, rng.randint(1, max(1, size // 2)), min(top, 2))
    text = (piece * size)[:size]
    if rng.random() < 0.4:
        at = rng.randrange(size)
        text = text[:at] + rng.choice("abc") + text[at + 1 :]
    return [text]


def draw_sentence(rng: Random, size: int, top: int) -> str:
    words = []
    for _ in range(size):
        half = word(rng, rng.randint(1, 4), min(top, 4))
        made = rng.choice([half, half + half[::-1], half + half[-2::-1]])
        words.append("".join(rng.choice([letter, letter.upper()]) for letter in made) + rng.choice(["", "", ",", "!"]))
    return line(" ".join(words))


def brute_palindromes(text: str) -> str:
    count = 0
    for each in text.split():
        letters = "".join(filter(str.isalpha, each)).lower()
        count += all(letters[at] == letters[-1 - at] for at in range(len(letters))) and len(letters) >= 2
    return str(count)


def draw_window(rng: Random, size: int, top: int) -> str:
    letters = min(26, top + 1)
    return line(rng.randint(1, min(letters, 26))) + line(word(rng, size, letters - 1))


def brute_window(text: str) -> str:
    first, letters = text.split()
    lengths = [
        b - a
        for a in range(len(letters))
        for b in range(a + 1, len(letters) + 1)
        if len(set(letters[a:b])) >= int(first)
    ]
    return str(min(lengths, default=-1))


PROBLEMS = (
    Problem(
        id="longest-block",
        topics=("strings",),
        difficulty=1,
        statement="""\
A block is a stretch of equal characters that stand side by side. Return a list with the character and the length of
the longest block of `text`. Of several longest blocks the leftmost counts. For an empty text return `["", 0]`.

`text` has 0 to 5,000 lower-case letters.""",
        starter="def longest_block(text: str) -> list:",
        solution="""\
def longest_block(text):
    best, length = "", 0
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or text[at] != text[start]:
            if at - start > length:
                best, length = text[start], at - start
            start = at
    return [best, length]
""",
        brute=brute_block,
        draw=lambda rng, size, top: [word(rng, size, min(top, 2))],
        small=(10, 3),
        large=(5000, 3),
        examples=(["aabbbc"], ["xyyxx"]),
        edge=([""], ["z"], ["aa"], ["ab"], ["abb"], ["aabb"], ["aaaaaaa"]),
        wrong={
            "the last block is forgotten": ("range(1, len(text) + 1)", "range(1, len(text))"),
            "the rightmost of equals": ("at - start > length", "at - start >= length"),
            "counts all occurrences": """\
def longest_block(text):
    if not text:
        return ["", 0]
    best = max(text, key=text.count)
    return [best, text.count(best)]
""",
        },
    ),
    Problem(
        id="shortest-period",
        topics=("strings",),
        difficulty=3,
        statement="""\
A length p is a period of a text when every character equals the one p places later, as far as there is one. So
"abcab" has the periods 3 and 5: the last repetition may be cut off. Return the smallest period of `text`.

`text` has 1 to 20,000 lower-case letters.""",
        starter="def shortest_period(text: str) -> int:",
        solution="""\
def shortest_period(text):
    border = [0] * len(text)
    for at in range(1, len(text)):
        length = border[at - 1]
        while length and text[at] != text[length]:
            length = border[length - 1]
        border[at] = length + (text[at] == text[length])
    return len(text) - border[-1]
""",
        brute=brute_period,
        draw=draw_periodic,
        small=(12, 2),
        large=(20000, 2),
        examples=(["abcab"], ["aaaa"]),
        edge=(["a"], ["ab"], ["aab"], ["aba"], ["abaab"], ["aabaaab"], ["abab"], ["ababa"]),
        wrong={
            "only whole repetitions": """\
def shortest_period(text):
    for period in range(1, len(text) + 1):
        if len(text) % period == 0 and text[:period] * (len(text) // period) == text:
            return period
""",
            "falls back to nothing": ("length = border[length - 1]", "length = 0"),
            "the first return of the first letter": """\
def shortest_period(text):
    at = text.find(text[0], 1)
    return at if at > 0 else len(text)
""",
        },
    ),
    Problem(
        id="distinct-pieces",
        topics=("strings", "hashing"),
        difficulty=5,
        statement="""\
A piece of a text is a non-empty run of characters that stand side by side in it. Return how many different pieces
`text` has: the same characters at two places are one piece.

`text` has 0 to 6,000 lower-case letters.""",
        starter="def distinct_pieces(text: str) -> int:",
        solution="""\
def distinct_pieces(text):
    follow, link, length = [{}], [-1], [0]
    last, total = 0, 0
    for letter in text:
        here = len(follow)
        follow.append({})
        length.append(length[last] + 1)
        link.append(0)
        at = last
        while at >= 0 and letter not in follow[at]:
            follow[at][letter] = here
            at = link[at]
        if at >= 0:
            old = follow[at][letter]
            if length[old] == length[at] + 1:
                link[here] = old
            else:
                copy = len(follow)
                follow.append(dict(follow[old]))
                length.append(length[at] + 1)
                link.append(link[old])
                while at >= 0 and follow[at].get(letter) == old:
                    follow[at][letter] = copy
                    at = link[at]
                link[old] = link[here] = copy
        total += length[here] - length[link[here]]
        last = here
    return total
""",
        brute=brute_distinct,
        draw=lambda rng, size, top: (
            [word(rng, size, min(top, 2))] if rng.random() < 0.6 else draw_periodic(rng, size, 2)
        ),
        small=(10, 3),
        large=(6000, 2),
        examples=(["aab"], ["abab"]),
        edge=([""], ["a"], ["aaaa"], ["abcabc"], ["abcbc"], ["aabbab"]),
        wrong={
            SLOW: """\
def distinct_pieces(text):
    return len({text[a:b] for a in range(len(text)) for b in range(a + 1, len(text) + 1)})
""",
            "equal pieces counted twice": "def distinct_pieces(text):\n    return len(text) * (len(text) + 1) // 2\n",
            "no copies of states": ("if length[old] == length[at] + 1:", "if True:"),
        },
    ),
    Problem(
        id="palindromic-words",
        topics=("strings", "parsing"),
        difficulty=1,
        statement="""\
A line of text is made of words with blanks between them. Letters count without regard to case, and everything in a
word that is no letter (commas, exclamation marks) is ignored. Count the words with at least two letters that read the
same from both ends.

Input: one line of 1 to 2,000 words.
Output: the count.""",
        solution="""\
count = 0
for word in input().split():
    letters = [letter for letter in word.lower() if letter.isalpha()]
    if len(letters) >= 2 and letters == letters[::-1]:
        count += 1
print(count)
""",
        brute=brute_palindromes,
        draw=draw_sentence,
        small=(6, 3),
        large=(2000, 4),
        examples=("Anna, met Bob!\n", "A noon, not 1 abba\n"),
        edge=("a\n", "aa\n", "Aa\n", "ab\n", "Aba,\n", "!\n", "a! b, c\n", "aB!Ba\n", "a,a\n"),
        wrong={
            "case counts": ("word.lower()", "word"),
            "single letters count": (">= 2", ">= 1"),
            "marks count": ("letter.isalpha()", "letter"),
        },
    ),
    Problem(
        id="varied-window",
        topics=("strings", "two pointers"),
        difficulty=3,
        statement="""\
Find the length of the shortest run of characters, side by side in a text, that holds at least k different letters.

Input: k (1 to 26) on the first line, a text of 1 to 3,000 lower-case letters on the second.
Output: the length, or -1 where the whole text has fewer than k different letters.""",
        solution="""\
k = int(input())
text = input().strip()
count = {}
best = len(text) + 1
start = 0
for end, letter in enumerate(text):
    count[letter] = count.get(letter, 0) + 1
    while len(count) >= k:
        best = min(best, end - start + 1)
        count[text[start]] -= 1
        if count[text[start]] == 0:
            del count[text[start]]
        start += 1
print(best if best <= len(text) else -1)
""",
        brute=brute_window,
        draw=draw_window,
        small=(10, 4),
        large=(3000, 25),
        examples=("3\naabcb\n", "3\nabab\n"),
        edge=("1\na\n", "2\na\n", "2\nab\n", "1\nzzz\n", "4\nabcd\n", "3\nabacab\n", "2\naaab\n", "26\nabc\n"),
        wrong={
            SLOW: """\
k = int(input())
text = input().strip()
best = -1
for a in range(len(text)):
    for b in range(a + 1, len(text) + 1):
        if len(set(text[a:b])) >= k and (best < 0 or b - a < best):
            best = b - a
print(best)
""",
            "no answer is not told": ("best if best <= len(text) else -1", "best"),
            "only the first window": ("while len(count) >= k:", "if len(count) >= k and best > len(text):"),
            "length is one short": ("end - start + 1", "end - start"),
        },
    ),
)
