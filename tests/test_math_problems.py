"""The 50 bundled problems: every gold against a computation that does not know it, and the environment around them."""

import itertools
import math
import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
import sympy
from sympy import Rational, cos, exp, ln, oo, pi, sqrt, symbols

from envgym.environments.reasoning.math_problems import ASKS_FOR_PERCENT, MathProblems, tasks_of
from envgym.errors import EnvFailure, UsageError
from envgym.message import text_of
from envgym.registry import make
from envgym.task import Task, TaskList
from envgym.verifiers.math_answer import math_equal

x, y, k = symbols("x y k", real=True)
PROBLEMS: dict[str, Task] = {task.id: task for task in tasks_of("", strict=True)}


def sphere_in_cone() -> Any:
    """Through its axis the cone is a triangle and the sphere its inscribed circle."""
    radius = sympy.Triangle((-6, 0), (6, 0), (0, 8)).inradius
    return Rational(4, 3) * pi * radius**3


def meeting_point() -> Fraction:
    hours = Fraction(420, 80 + 95)
    return 80 * hours


def collector() -> Fraction:
    """Expected rolls by the equations of the chain: e[j] = 1 + j/6 e[j] + (6-j)/6 e[j+1]."""
    expected = Fraction(0)
    for seen in reversed(range(6)):
        expected = (1 + Fraction(6 - seen, 6) * expected) / (1 - Fraction(seen, 6))
    return expected


def paths() -> int:
    """Counts by walking: no closed formula."""

    def from_(right: int, up: int) -> int:
        if (right, up) == (6, 4):
            return 1
        if right > 6 or up > 4 or (right, up) == (3, 2):
            return 0
        return from_(right + 1, up) + from_(right, up + 1)

    return from_(0, 0)


def hearts() -> Fraction:
    cards = [suit for suit in range(4) for _ in range(13)]
    hands = list(itertools.combinations(cards, 3))
    return Fraction(sum(hand == (0, 0, 0) for hand in hands), len(hands))


def ages() -> int:
    """Every pair of whole ages that fits the sentence."""
    fitting = []
    for brother in range(1, 40):
        sara = 40 - brother
        ago = sara - brother
        if ago > 0 and sara == 3 * (brother - ago):
            fitting.append(sara)
    (sara,) = fitting
    return sara


def digits_in_base(number: int, base: int) -> str:
    return (digits_in_base(number // base, base) if number >= base else "") + str(number % base)


def trailing_zeros(number: int) -> int:
    return len(str(number)) - len(str(number).rstrip("0"))


def solved_interval(condition: Any) -> str:
    """The solution set of an inequality, by sympy, as LaTeX."""
    return str(sympy.latex(sympy.solve_univariate_inequality(condition, x, relational=False)))


def inverse() -> Any:
    (solution,) = sympy.solve(sympy.Eq(y, (2 * x + 1) / (x - 3)), x)
    return solution.subs(y, x)


def line() -> str:
    slope = -1 / Rational(3, 4)
    return f"y = {sympy.latex(slope * (x - 1) + 2)}"


def ode() -> str:
    f = sympy.Function("f")
    t = symbols("x")
    solution = sympy.dsolve(sympy.Eq(f(t).diff(t), 2 * t * f(t)), f(t), ics={f(0): 3})
    return f"y = {sympy.latex(solution.rhs)}"


def derangements() -> int:
    return sum(all(image != place for place, image in enumerate(order)) for order in itertools.permutations(range(6)))


def divisors(number: int) -> int:
    return sum(number % divisor == 0 for divisor in range(1, number + 1))


def sparse_subsets() -> int:
    return sum(not mask & mask >> 1 for mask in range(1 << 10))


def disease() -> Fraction:
    people = 100_000
    sick_and_positive = people * Fraction(1, 100) * Fraction(90, 100)
    healthy_and_positive = people * Fraction(99, 100) * Fraction(5, 100)
    return sick_and_positive / (sick_and_positive + healthy_and_positive)


def circle_area() -> Any:
    centre_x, centre_y = sympy.solve([sympy.diff(x**2 + y**2 - 6 * x + 8 * y - 11, v) for v in (x, y)], [x, y]).values()
    return pi * -(x**2 + y**2 - 6 * x + 8 * y - 11).subs({x: centre_x, y: centre_y})


COMPUTED: dict[str, Callable[[], Any]] = {
    "algebra-01": lambda: sympy.solve(3 * (x - 4) + 2 - (5 * x - 18), x)[0],
    "algebra-02": lambda: "\\{" + ", ".join(map(sympy.latex, sympy.solve(x**2 - 6 * x + 7, x))) + "\\}",
    "algebra-03": lambda: sympy.expand((2 * x - 3) ** 2 - (x + 1) * (x - 1)),
    "algebra-04": lambda: solved_interval(abs(2 * x - 5) <= 9),
    "algebra-05": lambda: solved_interval(x**2 > 2 * x + 15),
    "algebra-06": lambda: sympy.radsimp(6 / (sqrt(7) - 1)),
    "algebra-07": lambda: sympy.simplify(sum(root**3 for root in sympy.solve(x**2 - 7 * x + 5, x))),
    "algebra-08": lambda: tuple(sympy.solve([2 * x + 3 * y - 1, 5 * x - 2 * y - 31], [x, y]).values()),
    "algebra-09": inverse,
    "number-theory-01": lambda: max(d for d in range(1, 463) if 1071 % d == 462 % d == 0),
    "number-theory-02": lambda: divisors(5040),
    "number-theory-03": lambda: 7**222 % 13,
    "number-theory-04": lambda: digits_in_base(2026, 7),
    "number-theory-05": lambda: next(i for i in itertools.count(1) if (i % 5, i % 7, i % 9) == (2, 3, 4)),
    "number-theory-06": lambda: trailing_zeros(math.factorial(1000)),
    "number-theory-07": lambda: (
        "\\{" + ", ".join(str(p) for p in sympy.primerange(2, 5000) if sympy.isprime(p**2 + 2)) + "\\}"
    ),
    "combinatorics-01": lambda: len(set(itertools.permutations("BANANA"))),
    "combinatorics-02": sparse_subsets,
    "combinatorics-03": lambda: sum(sum(boxes) == 12 for boxes in itertools.product(range(1, 13), repeat=4)),
    "combinatorics-04": derangements,
    "combinatorics-05": lambda: (
        len(list(itertools.combinations(range(7), 3))) * len(list(itertools.combinations(range(5), 2)))
    ),
    "combinatorics-06": paths,
    "geometry-01": lambda: sqrt(20**2 + 21**2),
    "geometry-02": lambda: sympy.Triangle((0, 0), (10, 0), (5, 5 * sqrt(3))).area,
    "geometry-03": lambda: sympy.Triangle(sss=(13, 14, 15)).inradius,
    "geometry-04": circle_area,
    "geometry-05": lambda: tuple(sympy.Point(3, 1).reflect(sympy.Line((0, 0), (1, 2)))),
    "geometry-06": lambda: sympy.deg(sympy.RegularPolygon((0, 0), 1, 15).interior_angle),
    "geometry-07": sphere_in_cone,
    "geometry-08": line,
    "probability-01": lambda: Fraction(sum(i + j == 9 for i in range(1, 7) for j in range(1, 7)), 36),
    "probability-02": lambda: Fraction(sum(sum(toss) == 3 for toss in itertools.product((0, 1), repeat=8)), 2**8),
    "probability-03": hearts,
    "probability-04": disease,
    "probability-05": collector,
    "probability-06": lambda: (
        1 - 2 * sympy.integrate(sympy.integrate(1, (y, 0, x - Rational(1, 4))), (x, Rational(1, 4), 1))
    ),
    "calculus-01": lambda: sympy.diff(symbols("x", positive=True) ** 3 * ln(symbols("x", positive=True))),
    "calculus-02": lambda: sympy.integrate(x * cos(x), (x, 0, pi / 2)),
    "calculus-03": lambda: sympy.limit((1 - cos(3 * x)) / x**2, x, 0),
    "calculus-04": lambda: sympy.summation(k / 3**k, (k, 1, oo)),
    "calculus-05": lambda: solved_interval(sympy.diff(x * exp(-x), x, 2) * exp(x) > 0),
    "calculus-06": lambda: sympy.integrate(1 / (1 + x + x**2), (x, 0, 1)),
    "calculus-07": ode,
    "word-problems-01": lambda: 50 - 6 * Fraction("2.75") - 3 * Fraction("4.50"),
    "word-problems-02": lambda: 100 * (Fraction(80) * Fraction(145, 100) * Fraction(80, 100) - 80) / 80,
    "word-problems-03": lambda: 1 / (Fraction(1, 6) + Fraction(1, 4)),
    "word-problems-04": meeting_point,
    "word-problems-05": lambda: f"{3 * 4}:{5 * 4}:{7 * 5}",
    "word-problems-06": ages,
}


def as_text(value: Any) -> str:
    """A computed value as an answer."""
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return "(" + ", ".join(map(sympy.latex, value)) + ")"
    return str(sympy.latex(sympy.sympify(value)))


@pytest.mark.parametrize("name", COMPUTED)
def test_a_bundled_gold_is_what_a_computation_gives(name: str) -> None:
    verdict = math_equal(f"\\boxed{{{as_text(COMPUTED[name]())}}}", PROBLEMS[name].private["answer"])
    assert verdict.passed, (as_text(COMPUTED[name]()), verdict)


@pytest.mark.parametrize("size", range(1, 12))
def test_the_closed_form_of_the_weighted_binomial_sum_holds(size: int) -> None:
    gold = PROBLEMS["combinatorics-07"].private["answer"]
    total = sum(j * math.comb(size, j) for j in range(size + 1))
    assert math_equal(
        f"\\boxed{{{total}}}", gold.replace("n", f"({size})").replace(f"^{{({size})", f"^{{{size}")
    ).passed


def test_every_bundled_problem_is_computed_and_there_are_fifty() -> None:
    assert len(PROBLEMS) == 50
    assert set(PROBLEMS) == set(COMPUTED) | {"combinatorics-07"}
    assert len({task.public["problem"] for task in PROBLEMS.values()}) == 50
    assert all(task.tags and task.difficulty in (1, 2, 3, 4) for task in PROBLEMS.values())
    assert len({task.tags for task in PROBLEMS.values()}) == 7


@pytest.mark.parametrize("task", PROBLEMS.values(), ids=PROBLEMS)
def test_no_bundled_gold_passes_for_another_problem_with_another_answer(task: Task) -> None:
    """Golds are near misses of each other: of the others only equal numbers may pass."""
    passed = [
        other.id
        for other in PROBLEMS.values()
        if math_equal(f"\\boxed{{{other.private['answer']}}}", task.private["answer"]).passed
    ]
    assert task.id in passed
    assert len(passed) <= 3, passed


# ---- the environment


def play(env: MathProblems, task: Task, reply: str) -> float:
    env.reset(options={"task": task})
    _, reward, terminated, _, _ = env.step(reply)
    assert terminated
    return float(reward)


def test_the_oracle_scores_one_and_idle_talk_zero_on_every_problem() -> None:
    env = MathProblems()
    for task in PROBLEMS.values():
        env.reset(options={"task": task})
        (action,) = env.oracle()
        assert play(env, task, str(action)) == 1.0
        assert play(env, task, "I am thinking about it.") == 0.0


def test_the_question_asks_for_a_box_and_does_not_show_the_gold() -> None:
    env = MathProblems()
    (message,), _ = env.reset(options={"task": PROBLEMS["algebra-06"]})
    assert "Rationalize" in text_of(message)
    assert "\\boxed{}" in text_of(message)
    assert PROBLEMS["algebra-06"].private["answer"] not in text_of(message)


def test_every_problem_is_drawn_by_seed_and_not_always_the_first() -> None:
    env = MathProblems()
    drawn = []
    for seed in range(60):
        env.reset(seed=seed)
        assert env.task is not None
        drawn.append(env.task.id)
    assert len(set(drawn)) > 20
    again = MathProblems()
    again.reset(seed=59)
    assert again.task is not None
    assert again.task.id == drawn[-1]


def test_the_task_set_is_the_file_whatever_the_seed() -> None:
    env = make("math")
    one, two = env.taskset(1), env.taskset(2)
    assert one is two
    assert one.size == 50
    assert env.reset(options={"task": "algebra-02"})[0]


def test_tasks_handed_over_replace_the_file() -> None:
    own = Task(id="own", env="math", public={"problem": "1 + 1 = ?"}, private={"answer": "2"})
    env = MathProblems(tasks=[own])
    assert env.taskset().size == 1
    env.reset(seed=3)
    assert env.task == own


def test_a_fork_in_the_middle_is_judged_on_its_own() -> None:
    env = MathProblems()
    env.reset(options={"task": "algebra-01"})
    twin = env.fork()
    assert env.step("\\boxed{4}")[1] == 1.0
    assert twin.step("\\boxed{5}")[1] == 0.0


def test_a_random_action_is_a_small_number_in_a_box() -> None:
    env = MathProblems()
    rng = random.Random(1)
    assert {env.random_action(rng) for _ in range(400)} == {f"\\boxed{{{number}}}" for number in range(-20, 21)}


def test_a_gold_that_cannot_be_judged_is_a_failure_of_the_world_and_no_zero() -> None:
    broken = Task(id="broken", env="math", public={"problem": "?"}, private={"answer": "\\nonsense{1}"})
    env = MathProblems(tasks=[broken])
    env.reset(seed=0)
    with pytest.raises(EnvFailure, match=r"math\.gold"):
        env.step("\\boxed{1}")


def test_a_task_without_an_answer_is_refused_by_its_field() -> None:
    with pytest.raises(UsageError, match=r"private\.answer"):
        MathProblems.check_task(Task(id="t", env="math", public={"problem": "?"}))


@pytest.mark.parametrize(
    ("problem", "asks"),
    [
        ("What percent of 50 is 8?", True),
        ("Give the profit as a percentage of the cost.", True),
        ("What is 20 percent of 50?", False),
        ("A price falls by 20%. By how much?", False),
        ("What is 5 + 5?", False),
    ],
)
def test_a_question_for_a_percentage_is_recognised(problem: str, asks: bool) -> None:
    assert bool(ASKS_FOR_PERCENT.search(problem)) == asks
    tasks = TaskList([Task(id="p", env="math", public={"problem": problem}, private={"answer": "16"})])
    assert play(MathProblems(tasks=tasks), tasks[0], "\\boxed{16\\%}") == float(asks)
