"""The capture against the truth: every connection, both directions, byte for byte."""

import collections
import re
import typing

import http_wire
from capture import Capture, Captured, Stream
from case import Counted, Failure, check, check_equal
from truth import Amount, TrueConnection, TrueExchange, Truth

Pair = tuple[TrueConnection, Captured]

# Counters that tell of a bug in gotls, whatever the traffic.
NEVER = ["bad_values", "hits_no_site", "flow_events_short", "flow_events_version", "flow_events_unknown", "flow_events_bad",
         "flow_overlaps"]


def pairs(truth: Truth, capture: Capture, pids: typing.Optional[dict[int, int]] = None) -> list[Pair]:
    """Each true connection with its captured one. `pids`: from the target's pid namespace to ours."""
    captured: dict[tuple[int, str], list[Captured]] = collections.defaultdict(list)
    for one in capture.connections.values():
        captured[one.pid, one.tls_conn].append(one)
    found, wanted = [], collections.Counter()
    for true in truth.connections:
        if true.silent():
            continue
        key = (pids or {}).get(true.pid, true.pid), true.tls_conn
        # An address that is used again: both sides list its connections in the order in which they lived.
        same, at = captured[key], wanted[key]
        wanted[key] += 1
        if at >= len(same):
            raise Failure(f"{true}: not captured ({len(same)} connections at this address, {len(capture.connections)} in all)")
        found.append((true, same[at]))
    return found


def check_no_others(found: list[Pair], capture: Capture, among: bool = False) -> None:
    """Nothing was captured that did not happen; `among`: in these processes."""
    known = {captured.number for _, captured in found}
    pids = {captured.pid for _, captured in found}
    for captured in capture.connections.values():
        if among and captured.pid not in pids:
            continue
        check(captured.number in known, f"{captured}: captured, but no such connection is in the target's log")


def check_pairs(found: list[Pair]) -> Counted:
    """Compares all pairs: what is known of the connections, and their bytes."""
    total = Counted()
    peers = {(true.scenario, true.local, true.remote): captured for true, captured in found}
    for true, captured in found:
        check_description(true, captured)
        if true.read is not None:
            peer = peers.get((true.scenario, true.remote, true.local))
            check_stream(f"{true} ({captured}), read", captured.read, true.read, peer and peer.write)
            check_stream(f"{true} ({captured}), write", captured.write, true.write, peer and peer.read)
        total += Counted(1, captured.size)
    return total


def check_stream(what: str, stream: Stream, true: Amount, peer: typing.Optional[Stream] = None) -> None:
    """`true.sha256` may be empty: the order is not known. `peer` helps to say where the difference is."""
    if stream.gaps:
        raise Failure(f"{what}: {stream.missing()} bytes missing, first {stream.gaps[0]}")
    # What Write was given but did not send is captured, and then taken back.
    sent = stream.next - stream.unsent()
    for gap in stream.not_sent:
        check_equal(gap.position, sent, f"{what}: where the bytes not sent begin")
    if sent == true.bytes and (not true.sha256 or stream.sha256(sent) == true.sha256):
        return
    hint = ""
    if peer is not None and not peer.gaps:
        hint = f"; {first_difference(stream.bytes(), peer.bytes())} with the captured other side"
    raise Failure(f"{what}: {sent} bytes, the target has {true.bytes}{'' if sent != true.bytes else ', with another hash'}{hint}")


def first_difference(a: bytes, b: bytes) -> str:
    if a == b:
        return f"all {len(a)} bytes are equal"
    size = min(len(a), len(b))
    if a[:size] == b[:size]:
        return f"equal up to the end of the shorter one at {size}, lengths {len(a)} and {len(b)}"
    low, high = 0, size  # a[:low] is equal, a[:high] is not
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if a[:middle] == b[:middle] else (low, middle)
    return f"the first difference is at {low}: {a[low:low + 16].hex()} and {b[low:low + 16].hex()}"


def address(true: str) -> typing.Optional[str]:
    """As gotls writes what Go calls an address."""
    if true == "pipe":
        return None
    return f"unix:{true}" if true.startswith(("/", "@")) else true


def check_description(true: TrueConnection, captured: Captured) -> None:
    open = captured.open
    wanted = {
        "role": true.side,
        "local": address(true.local),
        "remote": address(true.remote),
        "tls_version": true.version,
        "cipher_suite": true.cipher,
        "alpn": true.alpn or None,
        "server_name": true.sni or None,
        "resumed": true.resumed,
        "nested": true.note == "inner",
        "transport": "*net.pipe" if true.local == "pipe" else None,
    }
    if true.local == "":  # an unnamed Unix socket
        del wanted["local"]
    for field, value in wanted.items():
        check_equal(open[field], value, f"{true}: {field}")
    check((open["fd"] is None) == (true.local == "pipe"), f"{true}: fd is {open['fd']}")
    check(open["goroutine"], f"{true}: no goroutine")


def check_counters(capture: Capture) -> None:
    for name in NEVER:
        if name in capture.summary["counters"]:
            check_equal(capture.counter(name), 0, f"the counter {name}")


def check_all(truth: Truth, capture: Capture, pids: typing.Optional[dict[int, int]] = None, among: bool = False) -> Counted:
    """The whole comparison, for a capture of this traffic and (but with `among`) of nothing else."""
    found = pairs(truth, capture, pids)
    check(found, "the target's log names no connection")
    check_no_others(found, capture, among)
    check_counters(capture)
    return check_pairs(found)


# ---- HTTP ----


def check_exchanges(truth: Truth, capture: Capture) -> Counted:
    """Both sides of every connection against the exchanges in the log."""
    check(truth.exchanges, "the target's log names no exchange")
    by_end: dict[tuple[str, str, str], list[TrueExchange]] = collections.defaultdict(list)
    for exchange in truth.exchanges:
        by_end[exchange.side, exchange.local, exchange.remote].append(exchange)
    ends = {(c.open["role"], c.open["local"], c.open["remote"]): c for c in capture.connections.values()}
    total = Counted()
    for end, exchanges in by_end.items():
        captured = ends.get(end)
        check(captured is not None, f"no connection was captured for {end}, which has {len(exchanges)} exchanges")
        _check_end(captured, exchanges)
        _check_crossed(captured, ends.get(("server" if end[0] == "client" else "client", end[2], end[1])))
        total += Counted(1, captured.size)
    return total


def _check_end(captured: Captured, exchanges: list[TrueExchange]) -> None:
    for stream, name in ((captured.read, "read"), (captured.write, "write")):
        if stream.gaps:
            raise Failure(f"{captured}, {name}: {stream.missing()} bytes missing, first {stream.gaps[0]}")
    client = exchanges[0].side == "client"
    up, down = (captured.write, captured.read) if client else (captured.read, captured.write)
    requests, responses = http_wire.requests(up.bytes()), http_wire.responses(down.bytes())
    wanted_up = [http_wire.Message(f"{e.method} {e.path}", e.request_body) for e in exchanges]
    wanted_down = [http_wire.Message(str(e.status), e.response_body) for e in exchanges]
    check_equal((len(requests), len(responses)), (len(exchanges),) * 2, f"{captured}: number of requests and responses")
    # A client logs when it has read the body, and then the connection may have been used again already: the log's order
    # is not the wire's. The paths are all different.
    got = sorted(zip(requests, responses), key=lambda pair: pair[0].start)
    wanted = sorted(zip(wanted_up, wanted_down), key=lambda pair: pair[0].start)
    for a, b in zip(got, wanted):
        check_equal(a, b, f"{captured}: request and response")


def _check_crossed(captured: Captured, peer: typing.Optional[Captured]) -> None:
    """What was read was written; the end of what was written need not have been read."""
    check(peer is not None, f"{captured}: the other side was not captured")
    read, written = captured.read.bytes(), peer.write.bytes()
    if written[: len(read)] != read:
        raise Failure(f"{captured}, read, against {peer}, write: {first_difference(read, written)}")


# ---- several writers on one connection ----


def check_writers(found: list[Pair], ordered: bool) -> None:
    """The messages of each writer, in its order; with `ordered` the stream is also what the other side read."""
    writer = next((pair for pair in found if pair[0].unordered), None)
    check(writer is not None, "no connection with several writers in the log")
    true, captured = writer
    stream = captured.write.bytes()
    if ordered:
        reader = next(t for t, _ in found if t.local == true.remote)
        check_stream(f"{true}: write, against what the other side read", captured.write, reader.read)
    parts: dict[int, list[bytes]] = collections.defaultdict(list)
    at = 0
    while at < len(stream):
        head = re.compile(rb"w(\d+) m(\d+) n(\d+)\n").match(stream, at)
        check(head is not None, f"{true}: no message begins at {at}: {stream[at:at + 40]!r}")
        end = head.end() + int(head[3])
        parts[int(head[1])].append(stream[at:end])
        at = end
    for number, amount in enumerate(true.writers):
        check_equal(Amount.of(b"".join(parts[number])), amount, f"{true}: what writer {number} wrote")
