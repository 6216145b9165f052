"""A service that failed too often is left alone, then tried once."""

import time

from envgym.verifiers.circuit_breaker import CircuitBreaker


def test_it_opens_after_failures_in_a_row_only() -> None:
    breaker = CircuitBreaker(2, 60.0)
    for report in (breaker.failed, breaker.succeeded, breaker.failed):
        report()
        assert breaker.wait_s() == 0.0
    breaker.failed()
    assert 59.0 < breaker.wait_s() <= 60.0


def test_after_the_rest_one_call_tries_and_the_others_wait_for_it() -> None:
    breaker = CircuitBreaker(1, 0.2)
    breaker.failed()
    assert breaker.wait_s() > 0
    time.sleep(0.25)
    assert breaker.wait_s() == 0.0
    assert breaker.wait_s() > 0
    breaker.succeeded()
    assert breaker.wait_s() == 0.0


def test_a_try_that_never_reports_is_followed_by_another() -> None:
    breaker = CircuitBreaker(1, 0.1)
    breaker.failed()
    for _ in range(2):
        time.sleep(0.15)
        assert breaker.wait_s() == 0.0
        assert breaker.wait_s() > 0
