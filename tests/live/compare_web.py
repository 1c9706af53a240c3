"""Exchanges and messages against what the targets web, grpc and websocket saw, both ends of each."""

import collections
import typing

from case import Counted, Failure, check, check_equal
from exchanges import Body, Exchange, Message
from truth import Amount
from web_truth import Call, Fields, Talk, TrueMessage, WebExchange

VERSIONS = {"HTTP/1.0": "HTTP/1.0", "HTTP/1.1": "HTTP/1.1", "HTTP/2.0": "HTTP/2"}
# What net/http keeps for itself, or shows elsewhere.
KEPT = {"host", "connection", "content-length", "transfer-encoding", "trailer", "date", "user-agent", "accept-encoding", "expect", "upgrade"}
ROLES = ("client", "server")


def check_web(truth: list[WebExchange], found: list[Exchange], roles: typing.Sequence[str] = ROLES) -> Counted:
    """Each exchange of the truth was seen at each end, all of it is right, and nothing else was seen."""
    by_end: dict[tuple, list[Exchange]] = collections.defaultdict(list)
    for exchange in found:
        by_end[exchange.role, exchange.client, exchange.method, exchange.path].append(exchange)
    total = Counted()
    for true in truth:
        for role in roles:
            same = by_end[role, true.client, true.method, true.path]
            check(same, f"{true}: not among the {len(found)} exchanges, as {role}")
            total += check_exchange(true, same.pop(0))
    left = [str(exchange) for same in by_end.values() for exchange in same]
    check(not left, f"{len(left)} exchanges that never were: {left[:3]}")
    check_streams(found)
    ends = {(exchange.role, exchange.client) for exchange in found}
    return Counted(len(ends), total.bytes)


def check_streams(found: list[Exchange]) -> None:
    """Numbers are unique, and within a connection so are the streams."""
    numbers = [exchange.number for exchange in found]
    check_equal(len(set(numbers)), len(numbers), "the number of different numbers of exchanges")
    streams = [(exchange.connection, exchange.stream) for exchange in found]
    check_equal(len(set(streams)), len(streams), "the number of different streams")


def check_exchange(true: WebExchange, got: Exchange) -> Counted:
    what = f"{true}, {got}"
    check_equal(got.version, VERSIONS[true.proto], f"{what}: version")
    check_equal((got.host or ""), true.host, f"{what}: host")
    check_equal(got.status, true.status, f"{what}: status")
    check_equal(got.informational, true.informational, f"{what}: informational")
    check_equal(got.server, true.server, f"{what}: the server's address")
    check(got.request.seen and got.response.seen, f"{what}: request or response not seen")
    check_fields(f"{what}: request headers", true.request_headers, got.request.headers)
    check_fields(f"{what}: response headers", true.response_headers, got.response.headers)
    check_fields(f"{what}: request trailers", true.request_trailers, got.request.trailers)
    if not true.cut:
        check_fields(f"{what}: response trailers", true.response_trailers, got.response.trailers)
    check_body(f"{what}: request body", got.request.body, true.request_body, true.request_body)
    if true.cut:
        check_cut(what, got)
        check(got.response.body.wire_bytes >= true.response_body.bytes, f"{what}: {got.response.body.wire_bytes} bytes")
    else:
        check_end(what, true, got)
    check_times(what, got)
    return Counted(0, got.request.body.wire_bytes + got.response.body.wire_bytes)


def check_cut(what: str, got: Exchange) -> None:
    """The client went away. A server may have said all it had to say, or both ends saw the deadline."""
    if got.state == "complete" and (got.role == "server" or got.rpc):
        return
    check(got.state in ("reset", "closed"), f"{what}: state is {got.state}")
    check(not got.response.body.complete, f"{what}: the response body is complete")


def check_end(what: str, true: WebExchange, got: Exchange) -> None:
    if true.tunnel:
        check_equal(got.application, "tunnel", f"{what}: application")
        if true.status == 101:
            check_equal(got.upgrade, "echo", f"{what}: upgrade")
        return
    check_equal((got.state, got.detail), ("complete", None), f"{what}: state and detail")
    check_body(f"{what}: response body", got.response.body, true.response_body, true.decoded)
    if true.events:
        check_equal(got.application, "sse", f"{what}: application")
        events = [(m.name or "", m.event_id or "", m.body.content.decode()) for m in got.of(False, "event")]
        # The id of an event is that of the last one that had one.
        wanted, last = [], ""
        for name, number, data in true.events:
            last = number or last
            wanted.append((name or "message", last, data))
        check_equal([(name or "message", data) for name, _, data in events], [(n, d) for n, _, d in wanted], f"{what}: events")
    else:
        check_equal(got.application, "http", f"{what}: application")
        check_equal(got.messages, [], f"{what}: messages")


def check_fields(what: str, true: Fields, got: list) -> None:
    """The same names with the same values, those of a name in the same order."""
    def known(fields: typing.Iterable) -> dict[str, list]:
        names: dict[str, list] = collections.defaultdict(list)
        for name, value in fields:
            check(name is not None and value is not None, f"{what}: a field is not known: {name!r}: {value!r}")
            if name.lower() not in KEPT:
                names[name.lower()].append(value)
        return _joined(names)

    wanted, found = known(true), known(got)
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            raise Failure(f"{what}: {name} is {str(found.get(name))[:200]}, not {str(wanted.get(name))[:200]}")


def _joined(names: dict[str, list]) -> dict[str, list]:
    # HTTP/2 sends a cookie in pieces; the server puts them together again.
    if "cookie" in names:
        names["cookie"] = ["; ".join(names["cookie"])]
    return names


def check_body(what: str, got: Body, wire: Amount, decoded: Amount) -> None:
    check_equal(got.wire_bytes, wire.bytes, f"{what}: bytes on the wire")
    try:
        amount = got.amount()
    except Failure as flaw:
        raise Failure(f"{what}: {flaw}") from None
    check_equal(amount, decoded, f"{what}: what it says")


def check_times(what: str, got: Exchange) -> None:
    for half, name in ((got.request, "request"), (got.response, "response")):
        check(half.first is not None and half.last is not None, f"{what}: the {name} has no times")
        check(half.first <= half.last, f"{what}: the {name} ends at {half.last}, before it begins at {half.first}")


# ---- gRPC ----


def check_calls(truth: list[Call], found: list[Exchange], roles: typing.Sequence[str] = ROLES) -> Counted:
    by_end: dict[tuple, list[Exchange]] = collections.defaultdict(list)
    for exchange in found:
        for call in exchange.request.values("x-call"):
            by_end[exchange.role, call].append(exchange)
    total = Counted()
    for true in truth:
        for role in roles:
            same = by_end[role, true.id]
            check_equal(len(same), 1, f"{true}: exchanges as {role}, among {len(found)},")
            total += check_call(true, same[0])
    check_equal(len(found), len(truth) * len(roles), "the number of exchanges")
    check_streams(found)
    return Counted(len({(e.role, e.client) for e in found}), total.bytes)


def check_call(true: Call, got: Exchange) -> Counted:
    what = f"{true}, {got}"
    service, method = true.method[1:].split("/")
    check_equal((got.version, got.method, got.path, got.application), ("HTTP/2", "POST", true.method, "grpc"), f"{what}: what it is")
    check(got.rpc is not None, f"{what}: no rpc")
    check_equal((got.rpc["service"], got.rpc["method"]), (service, method), f"{what}: service and method")
    check_equal(got.rpc["timeout_ns"] is not None, true.timeout, f"{what}: there is a deadline")
    own = [(name, value) for name, value in got.request.headers if name and name.startswith("x-")]
    check_fields(f"{what}: metadata", true.metadata, own)
    check_messages(f"{what}, sent", got.of(True), true.sent, cut=False)
    check_messages(f"{what}, received", got.of(False), true.received, cut=true.cut)
    check_equal((got.client_messages, got.server_messages), (len(got.of(True)), len(got.of(False))), f"{what}: counted messages")
    if true.coding:
        check(any(m.compressed for m in got.of(True)), f"{what}: no message was compressed")
    if true.cut:
        check_cut(what, got)
        return Counted()
    check_equal(got.status, 200, f"{what}: HTTP status")
    check_equal((got.state, got.detail), ("complete", None), f"{what}: state and detail")
    check_equal((got.rpc["status"], got.rpc["status_message"] or ""), (true.code, true.message), f"{what}: status")
    trailer = [(name, value) for name, value in [*got.response.headers, *got.response.trailers] if name and name.startswith("x-")]
    check_fields(f"{what}: trailer", true.trailer, trailer)
    return Counted(0, sum(m.body.decoded_bytes for m in got.messages))


def check_messages(what: str, got: list[Message], true: list[Amount], cut: bool) -> None:
    for number, message in enumerate(got, 1):
        check_equal((message.kind, message.number), ("rpc", number), f"{what}: kind and number of message {number}")
    if cut:  # the last ones may not have come through, or belong to a call that was over
        check(got or not true, f"{what}: no message of {len(true)}")
        common = min(len(got), len(true))
        got, true = got[:common], true[:common]
    check_equal([m.body.amount() for m in got], true, f"{what}: messages")


# ---- WebSocket ----


def check_talks(truth: list[Talk], found: list[Exchange], roles: typing.Sequence[str] = ROLES) -> Counted:
    check_equal(len(found), len(truth) * len(roles), "the number of exchanges")
    by_end = {(exchange.role, exchange.client): exchange for exchange in found}
    total = Counted()
    for true in truth:
        for role in roles:
            got = by_end.get((role, true.client))
            check(got is not None, f"WebSocket {true.name}: not seen as {role}")
            total += check_talk(f"WebSocket {true.name}, {got}", true, got)
    return total


def check_talk(what: str, true: Talk, got: Exchange) -> Counted:
    wanted = ("HTTP/1.1", "GET", true.path, 101, "websocket", "websocket")
    check_equal((got.version, got.method, got.path, got.status, got.application, got.upgrade), wanted, f"{what}: what it is")
    check_equal(got.response.values("sec-websocket-protocol"), [true.protocol] if true.protocol else [], f"{what}: subprotocol")
    for from_client, wanted in ((True, true.sent), (False, true.received)):
        side = f"{what}, {'client' if from_client else 'server'}"
        # A control frame may stand amid the frames of a message: which of them came first is a matter of taste.
        for kinds in (("text", "binary"), ("ping", "pong", "close")):
            some = [as_true(m) for m in got.of(from_client, *kinds)]
            check_equal(some, [m for m in wanted if m.kind in kinds], f"{side}: messages {kinds}")
        check_equal(len(got.of(from_client)), len(wanted), f"{side}: the number of messages")
        check_equal(sorted(m.number for m in got.of(from_client)), list(range(1, len(wanted) + 1)), f"{side}: numbers")
        if true.compressed:
            check(any(m.compressed for m in got.of(from_client)), f"{side}: no message was compressed")
            check(sum(m.body.wire_bytes for m in got.of(from_client, "text")) <
                  sum(m.body.decoded_bytes for m in got.of(from_client, "text")), f"{side}: compression saved nothing")
    check_equal((got.client_messages, got.server_messages), (len(true.sent), len(true.received)), f"{what}: counted messages")
    return Counted(1, sum(m.body.decoded_bytes for m in got.messages))


def as_true(message: Message) -> TrueMessage:
    return TrueMessage(message.kind, message.body.amount(), message.close_code or 0)


# ---- joined in mid-life ----


def check_joined(what: str, wanted: dict[str, object], got: dict[str, object], new: bool) -> int:
    """What is said is right, or nothing is said; of what is `new` on the connection, all is said. Returns how many are."""
    for name, value in wanted.items():
        if got[name] is not None or new:
            check_equal(got[name], value, f"{what}: {name}")
    return sum(value is not None for value in got.values())
