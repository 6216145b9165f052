"""The lean HTTP client: any legal answer is read whole however it is cut, any other is told, and connections are kept only when clean."""

import asyncio
from collections.abc import Callable, Coroutine
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.policy.direct_http import DirectSession
from envgym.policy.http_session import BrokenAnswer, CannotConnect, read_whole

Session = Callable[[DirectSession], Coroutine[Any, Any, None]]
BODIES = st.binary(max_size=300)


class Server:
    """Answers request number i with the parts of `answers[i]`, one write each; then closes where told to."""

    def __init__(self, *answers: list[bytes], close: bool = False) -> None:
        self._answers = list(answers)
        self._close = close
        self.connections = 0
        self.heads: list[bytes] = []
        self.bodies: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while self._answers:
                head = await reader.readuntil(b"\r\n\r\n")
                self.heads.append(head)
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                self.bodies.append(await reader.readexactly(length))
                for part in self._answers.pop(0):
                    writer.write(part)
                    await writer.drain()
                    await asyncio.sleep(0)
                if self._close:
                    break
            else:
                await reader.read()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def run(server: Server, use: Session, *, idle_s: float = 4.0) -> None:
    async def both() -> None:
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        session = DirectSession(f"http://127.0.0.1:{port}/v1", {"x-a": "b"}, idle_s=idle_s, connect_s=5)
        try:
            await asyncio.wait_for(use(session), 10)
        finally:
            await session.close()
            listening.close()
            for _ in range(5):
                await asyncio.sleep(0)

    asyncio.run(both())


async def post(session: DirectSession, data: bytes = b"{}", *, timeout_s: float = 5.0) -> tuple[int, bytes]:
    async with session.request("POST", "/chat", data, timeout_s=timeout_s) as answer:
        return answer.status, await read_whole(answer, 10**9)


def answer_to(*parts: bytes, close: bool = False) -> tuple[int, bytes]:
    """What the client makes of an answer."""
    got: list[tuple[int, bytes]] = []

    async def use(session: DirectSession) -> None:
        got.append(await post(session))

    run(Server(list(parts), close=close), use)
    return got[0]


def cut(body: bytes, places: list[int]) -> list[bytes]:
    ends = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[start:end] for start, end in pairwise(ends)]


def chunked(parts: list[bytes], *, trailer: bytes = b"") -> bytes:
    chunks = b"".join(b"%X;a=b\r\n%b\r\n" % (len(part), part) for part in parts if part)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n" + trailer + b"\r\n"


def sized(body: bytes, *, head: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (head, len(body), body)


@settings(deadline=None, max_examples=40)
@given(BODIES, st.lists(st.integers(min_value=0), max_size=6))
def test_a_sized_body_is_read_whole_however_it_is_cut(body: bytes, places: list[int]) -> None:
    assert answer_to(*cut(sized(body), places)) == (200, body)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(BODIES, max_size=4), st.lists(st.integers(min_value=0), max_size=6), st.sampled_from([b"", b"X: y\r\n"])
)
def test_a_chunked_body_is_read_whole_however_it_is_cut(parts: list[bytes], places: list[int], trailer: bytes) -> None:
    assert answer_to(*cut(chunked(parts, trailer=trailer), places)) == (200, b"".join(parts))


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    assert answer_to(b"HTTP/1.0 200 OK\r\n\r\nabc", b"def", close=True) == (200, b"abcdef")


def test_announcements_before_the_answer_are_passed_over() -> None:
    assert answer_to(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + sized(b"x")) == (
        200,
        b"x",
    )


def test_a_request_is_sent_as_http() -> None:
    server = Server([sized(b"a")])

    async def use(session: DirectSession) -> None:
        await post(session, b'{"a": 1}')

    run(server, use)
    head = server.heads[0]
    assert head.startswith(b"POST /v1/chat HTTP/1.1\r\n")
    assert b"\r\nhost: 127.0.0.1:" in head
    assert b"\r\nx-a: b\r\n" in head
    assert server.bodies == [b'{"a": 1}']


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1_0\r\n\r\nabc",
        b"HTTP/1.1 20\r\n\r\n",
        b"220 smtp.example.org ESMTP\r\n\r\n",
        b"x" * 70_000,
    ],
)
def test_an_answer_that_is_cut_off_or_no_http_is_told(answer: bytes) -> None:
    with pytest.raises(BrokenAnswer):
        answer_to(answer, close=True)


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"])
def test_a_line_without_end_is_not_waited_for(start: bytes) -> None:
    with pytest.raises(BrokenAnswer, match="has no end"):
        answer_to(start + b"x" * 70_000)


def test_a_connection_is_used_again_only_when_nothing_is_left_in_it() -> None:
    for first, connections in (
        (sized(b"a"), 1),
        (chunked([b"a"]), 1),
        (sized(b"a", head=b"Connection: close\r\n"), 2),
        (sized(b"a") + b"more", 2),
    ):
        server = Server([first], [sized(b"b")])

        async def use(session: DirectSession) -> None:
            assert await post(session) == (200, b"a")
            await asyncio.sleep(0.02)
            assert await post(session) == (200, b"b")

        run(server, use)
        assert server.connections == connections, first


def test_an_answer_that_was_left_in_the_middle_costs_its_connection() -> None:
    server = Server([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"], [sized(b"b")])

    async def use(session: DirectSession) -> None:
        async with session.request("POST", "/", b"", timeout_s=5) as answer:
            assert await answer.readany() == b"abc"
        assert await post(session) == (200, b"b")

    run(server, use)
    assert server.connections == 2


def test_a_connection_that_idled_too_long_is_not_used_again() -> None:
    server = Server([sized(b"a")], [sized(b"b")])

    async def use(session: DirectSession) -> None:
        await post(session)
        await asyncio.sleep(0.05)
        await post(session)

    run(server, use, idle_s=0.01)
    assert server.connections == 2


def test_time_runs_out_before_and_in_the_middle_of_an_answer() -> None:
    for parts in ([], [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"]):

        async def use(session: DirectSession) -> None:
            with pytest.raises(TimeoutError):
                await post(session, timeout_s=0.05)

        run(Server(parts, [sized(b"b")]), use)


def test_where_nobody_listens_no_connection_comes_about() -> None:
    async def use() -> None:
        session = DirectSession("http://127.0.0.1:1", {}, idle_s=1, connect_s=1)
        with pytest.raises(CannotConnect) as caught:
            await post(session)
        assert caught.value.errno is not None
        await session.close()

    asyncio.run(use())
