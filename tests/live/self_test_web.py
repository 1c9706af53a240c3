"""Tests of the tests of exchanges, on hand-made data: that they see what is wrong."""

import base64
import json
import pathlib
import tempfile
import typing

import compare_web
import test_har
import test_view
import web_truth
from case import Case, Context, Counted, check_equal
from exchanges import Exchanges
from self_test import must_fail
from truth import Amount

CLIENT, SERVER = "1.1.1.1:1", "2.2.2.2:2"
UP, DOWN = b"up", b"d\xffwn"


def _body(data: bytes) -> dict:
    return {"wire_bytes": len(data), "missing": 0, "complete": True, "content_encoding": None, "decoded_bytes": len(data),
            "decoded_bytes_exact": True, "truncated": False, "problem": None, "base64": as_base64(data)}


def as_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _half(data: bytes, *fields: tuple[str, str]) -> dict:
    return {"seen": True, "head_complete": True, "first": "2026-01-01T00:00:00Z", "last": "2026-01-01T00:00:01Z", "goroutine": 1,
            "wire_bytes": 99, "headers": [{"name": name, "value": value} for name, value in fields], "body": _body(data), "trailers": []}


def _exchange(connection: int, role: str, **more: object) -> dict:
    fields = {"type": "exchange", "time": "t", "connection": connection, "pid": 7, "exchange": connection, "process": "p", "role": role,
              "remote": SERVER if role == "client" else CLIENT, "state": "complete", "detail": None, "version": "HTTP/1.1",
              "application": "http", "stream": 1, "pushed": False, "method": "PUT", "scheme": "https", "host": "h", "path": "/p?q",
              "upgrade": None, "status": 200, "reason": "OK", "informational": [], "first_byte_ns": 1, "total_ns": 2,
              "client_messages": 0, "server_messages": 0, "rpc": None, "request": _half(UP, ("Host", "h"), ("X-A", "1"), ("X-A", "2")),
              "response": _half(DOWN, ("X-B", "3"))}
    return {**fields, **more}


def _message(connection: int, direction: str, number: int, data: bytes, kind: str = "text", side: str = "client") -> dict:
    return {"type": "message", "time": "t", "connection": connection, "pid": 7, "exchange": connection, "kind": kind, "from": side,
            "direction": direction, "number": number, "last": "t", "goroutine": 1, "compressed": False, "name": None, "event_id": None,
            "close_code": None, "fields": None, **_body(data)}


def records() -> list[dict]:
    opened = {"type": "open", "time": "t", "pid": 7}
    closed = {"type": "close", "time": "t", "pid": 7}
    return [
        {**opened, "connection": 1, "role": "client", "local": CLIENT, "remote": SERVER},
        {**opened, "connection": 2, "role": "server", "local": SERVER, "remote": CLIENT},
        _exchange(2, "server"),
        _exchange(1, "client"),
        {**closed, "connection": 2},
        {**closed, "connection": 1},
        {"type": "summary", "time": "t"},
    ]


def true_lines() -> list[dict]:
    def amount(data: bytes) -> dict:
        return vars(Amount.of(data))

    both = {"kind": "exchange", "pid": 7, "proto": "HTTP/1.1", "method": "PUT", "host": "h", "path": "/p?q", "status": 200,
            "request_body": amount(UP), "response_body": amount(DOWN)}
    return [{**both, "side": "client", "local": CLIENT, "remote": SERVER, "response_headers": [["X-B", "3"], ["Date", "today"]]},
            {**both, "side": "server", "local": SERVER, "remote": CLIENT, "request_headers": [["X-A", "1"], ["X-A", "2"]]}]


def read(lines: list[dict]) -> Exchanges:
    return Exchanges(json.dumps(line).encode() for line in lines)


def true(lines: list[dict]) -> list[web_truth.WebExchange]:
    with tempfile.NamedTemporaryFile("w") as file:
        file.write("\n".join(map(json.dumps, lines)))
        file.flush()
        return web_truth.load_web(pathlib.Path(file.name))


def changed(lines: list[dict], number: int, path: str, value: object) -> list[dict]:
    """With another value at a path like "request.body.missing"."""
    other = json.loads(json.dumps(lines))  # nothing shared
    *parents, last = path.split(".")
    at: typing.Any = other[number]
    for name in parents:
        at = at[int(name) if name.isdigit() else name]
    at[int(last) if last.isdigit() else last] = value
    return other


def exchange_rules(context: Context) -> Counted:
    good = records()
    check_equal(len(read(good).all), 2, "the number of exchanges")
    for part, bad in [
        ("no summary", good[:-1]),
        ("is not open", good[1:]),
        ("is not open", good[:5] + good[2:]),
        ("connections that were closed", good[:4] + good[5:]),
        ("has ended before", good[:4] + good[3:]),
        ("state 'fine'", changed(good, 2, "state", "fine")),
        ("never ended", changed(good, 2, "state", "open")),
        ("role, remote and pid", changed(good, 2, "role", "client")),
        ("its messages", changed(good, 2, "client_messages", 1)),
        ("not exactly one of", changed(good, 2, "request.body.text", "up")),
        ("type is 'chunk'", changed(good, 2, "type", "chunk")),
    ]:
        must_fail(part, read, bad)
    return Counted(2, 0)


def message_rules(context: Context) -> Counted:
    good = records()
    opened = _exchange(1, "client", state="open", application="websocket")
    first, second = _message(1, "write", 1, b"a"), _message(1, "write", 2, b"b")
    answer = _message(1, "read", 1, b"c", side="server")
    ended = _exchange(1, "client", application="websocket", client_messages=2, server_messages=1)

    def whole(*lines: dict) -> list[dict]:
        return [*good[:3], *lines, *good[4:]]

    found = read(whole(opened, first, answer, second, ended)).all[1]
    check_equal([m.body.content for m in found.of(True)], [b"a", b"b"], "the client's messages")
    for part, bad in [
        ("that is not open", whole(first, ended)),
        ("the number of the message", whole(opened, second, ended)),
        ("direction", whole(opened, {**first, "direction": "read"}, ended)),
        ("its messages", whole(opened, first, ended)),
        ("opened again", whole(opened, opened, ended)),
    ]:
        must_fail(part, read, bad)
    return Counted(1, 0)


def web_comparison(context: Context) -> Counted:
    good, truth = records(), true_lines()
    total = compare_web.check_web(true(truth), read(good).all)
    check_equal(total, Counted(2, 2 * len(UP + DOWN)), "what was compared")
    for part, bad in [
        ("not among the 2", changed(good, 2, "path", "/other")),
        ("not among the 2", changed(good, 2, "method", None)),
        ("status is 404", changed(good, 2, "status", 404)),
        ("status is None", changed(good, 2, "status", None)),
        ("host is", changed(good, 2, "host", "i")),
        ("version is", changed(good, 2, "version", "HTTP/2")),
        ("state and detail is ('closed'", changed(good, 2, "state", "closed")),
        ("x-a is ['1', '3']", changed(good, 2, "request.headers.2.value", "3")),
        ("not known", changed(good, 2, "request.headers.2.value", None)),
        ("x-a is ['2', '1']", changed(changed(good, 2, "request.headers.1.value", "2"), 2, "request.headers.2.value", "1")),
        ("x-b is None, not", changed(good, 2, "response.headers.0.name", "X-C")),
        ("bytes on the wire", changed(good, 2, "response.body.wire_bytes", 5)),
        ("with flaws", changed(good, 2, "response.body.truncated", True)),
        ("with flaws", changed(good, 2, "response.body.missing", 1)),
        ("what it says", changed(good, 2, "response.body.base64", as_base64(DOWN[::-1]))),
        ("decoded_bytes", changed(good, 2, "response.body.decoded_bytes", 9)),
        ("informational", changed(good, 2, "informational", [100])),
        ("has no times", changed(good, 2, "request.first", None)),
        ("before it begins", changed(good, 2, "request.first", "2026-02-01T00:00:00Z")),
    ]:
        must_fail(part, lambda: compare_web.check_web(true(truth), read(bad).all))
    extra = good[:4] + [{**good[3], "exchange": 9, "stream": 2}] + good[4:]
    must_fail("never were", lambda: compare_web.check_web(true(truth), read(extra).all))
    must_fail("the client's status", true, changed(truth, 0, "status", 201))
    must_fail("the client's request_body", true, changed(truth, 0, "request_body.bytes", 3))
    must_fail("no server's line", true, truth[:1])
    must_fail("no client's line", true, [*truth, truth[1]])
    must_fail("is 5, not 4", compare_web.check_joined, "x", {"a": 4}, {"a": 5}, False)
    must_fail("is None, not 4", compare_web.check_joined, "x", {"a": 4}, {"a": None}, True)
    check_equal(compare_web.check_joined("x", {"a": 4, "b": 5}, {"a": 4, "b": None}, False), 1, "how much is known")
    return total


def calls(context: Context) -> Counted:
    true = web_truth.Call("1", "l", False, CLIENT, SERVER, "/s.S/M", 0, "", False, "", [("x-call", "1")], [], [Amount.of(UP)],
                          [Amount.of(DOWN)], False)
    rpc = {"service": "s.S", "method": "M", "status": 0, "status_name": "OK", "status_message": None, "timeout_ns": None}
    fields = {"application": "grpc", "version": "HTTP/2", "method": "POST", "path": "/s.S/M", "rpc": rpc,
              "request": _half(b"", ("x-call", "1"))}
    ended = _exchange(1, "client", client_messages=1, server_messages=1, **fields)
    first = _message(1, "write", 1, UP, "rpc")
    good = [records()[0], {**ended, "state": "open"}, first, _message(1, "read", 1, DOWN, "rpc", "server"), ended,
            records()[5], records()[6]]
    total = compare_web.check_calls([true], read(good).all, ["client"])
    for part, bad in [
        ("what it is", changed(good, 4, "path", "/s.S/N")),
        ("status is (5,", changed(good, 4, "rpc.status", 5)),
        ("there is a deadline", changed(good, 4, "rpc.timeout_ns", 5)),
        ("x-y is", changed(good, 4, "request.headers", [{"name": "x-call", "value": "1"}, {"name": "x-y", "value": "2"}])),
        ("exchanges as client", changed(good, 4, "request.headers.0.value", "2")),
        ("sent: messages", changed(good, 2, "base64", as_base64(b"pu"))),
        ("with flaws", changed(good, 3, "complete", False)),
        ("kind and number", changed(good, 3, "kind", "text")),
    ]:
        must_fail(part, lambda: compare_web.check_calls([true], read(bad).all, ["client"]))
    return total


def secrets(context: Context) -> Counted:
    known = {"a": "hush-1", "b": "hush-2"}
    check_equal(test_view._shown(known, b"... hush-1 ..."), {"a"}, "a secret in plain sight")
    hidden = as_base64(b"some bytes with hush-2 in their middle, and more").encode()
    check_equal(test_view._shown(known, b'"' + hidden + b'"'), {"b"}, "a secret in base64")
    return Counted()


def har_schema(context: Context) -> Counted:
    entry = {"startedDateTime": "2026-01-01T00:00:00.000Z", "time": 3, "cache": {}, "timings": {"send": 1, "wait": 1, "receive": 1},
             "request": {"method": "GET", "url": "https://h/", "httpVersion": "HTTP/1.1", "cookies": [], "headers": [], "queryString": [],
                         "headersSize": -1, "bodySize": 0},
             "response": {"status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "cookies": [], "headers": [],
                          "content": {"size": 2, "mimeType": "", "text": "ok"}, "redirectURL": "", "headersSize": -1, "bodySize": 2}}
    good = {"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": [entry]}}

    def write(value: dict) -> pathlib.Path:
        context.file("x.har").write_text(json.dumps(value))
        return context.file("x.har")

    check_equal(len(test_har.read(write(good))), 1, "entries")
    for path, value in [("log.version", "1.1"), ("log.entries.0.time", -1), ("log.entries.0.startedDateTime", "yesterday"),
                        ("log.entries.0.request.size", 1), ("log.entries.0.response.content.encoding", "hex"),
                        ("log.entries.0.timings", {}), ("log.entries.0.response.status", None)]:
        must_fail("jsonschema", test_har.read, write(changed([good], 0, path, value)[0]))
    context.file("x.har").write_text(json.dumps(good)[:-1])
    must_fail("jsonschema", test_har.read, context.file("x.har"))
    return Counted()


def cases() -> list[Case]:
    tests = [exchange_rules, message_rules, web_comparison, calls, secrets, har_schema]
    return [Case(f"self-test/{test.__name__}", test) for test in tests]
