"""What gotls wrote with -o json (docs/json.md): read with a suspicious eye.

Every record is checked against what went before it: positions without a hole that no gap names, totals that add up,
each connection opened and closed once. A file that breaks a rule is a Failure, whatever the traffic was.
"""

import base64
import bisect
import dataclasses
import hashlib
import json
import pathlib
import typing

from case import Failure

RECORDS = {
    "open": "connection pid process exe namespace_pid container role local remote fd server_name tls_version cipher_suite alpn resumed nested"
    " transport stream_id goroutine tls_conn",
    "gap": "connection pid direction position length reasons",
    "not_sent": "connection pid direction position length",
    "close": "connection pid reason read write",
    "summary": "connections processes read write counters",
}
CHUNK = set("type time connection pid direction position length goroutine thread".split())
GAP_REASONS = {"ring_full", "unreadable", "capped", "skipped"}
CLOSE_REASONS = {"closed", "process_exit", "reused", "detached"}


@dataclasses.dataclass(frozen=True)
class Gap:
    position: int
    length: int
    reasons: tuple[str, ...] = ()


@dataclasses.dataclass
class Stream:
    """One direction of one connection."""

    next: int = 0
    positions: list[int] = dataclasses.field(default_factory=list)  # of `pieces`
    pieces: list[bytes] = dataclasses.field(default_factory=list)
    gaps: list[Gap] = dataclasses.field(default_factory=list)
    not_sent: list[Gap] = dataclasses.field(default_factory=list)

    def captured(self) -> int:
        return sum(map(len, self.pieces))

    def missing(self) -> int:
        return sum(g.length for g in self.gaps)

    def unsent(self) -> int:
        return sum(g.length for g in self.not_sent)

    def bytes(self) -> bytes:
        """All that was captured; with gaps that is not the stream."""
        return b"".join(self.pieces)

    def sha256(self, length: typing.Optional[int] = None) -> str:
        if length is not None:
            return hashlib.sha256(self.bytes()[:length]).hexdigest()
        sum = hashlib.sha256()
        for piece in self.pieces:
            sum.update(piece)
        return sum.hexdigest()

    def read(self, position: int, length: int) -> typing.Optional[bytes]:
        """These bytes of the stream, None when some are missing."""
        if length == 0:
            return b""
        parts, end = [], position + length
        at = bisect.bisect_right(self.positions, position) - 1
        while position < end:
            if not 0 <= at < len(self.pieces):
                return None
            offset = position - self.positions[at]
            part = self.pieces[at][offset : offset + end - position]
            if not part:
                return None
            parts.append(part)
            position += len(part)
            at += 1
        return b"".join(parts)


@dataclasses.dataclass
class Captured:
    """One connection."""

    number: int
    open: dict
    read: Stream = dataclasses.field(default_factory=Stream)
    write: Stream = dataclasses.field(default_factory=Stream)
    close: typing.Optional[dict] = None

    @property
    def pid(self) -> int:
        return self.open["pid"]

    @property
    def tls_conn(self) -> str:
        return self.open["tls_conn"]

    @property
    def size(self) -> int:
        return self.read.captured() + self.write.captured()

    def __str__(self) -> str:
        o = self.open
        return f"#{self.number} {o['role']} pid {o['pid']} {o['tls_conn']} {o['local']}->{o['remote']}"


class Capture:
    """A whole output. With `whole` it must end with a summary and all connections closed; with `filtered` connections may be
    left out, which the summary counts."""

    def __init__(self, lines: typing.Iterable[bytes], whole: bool = True, filtered: bool = False):
        self.filtered = filtered
        self.connections: dict[int, Captured] = {}
        self.summary: typing.Optional[dict] = None
        self.chunks = 0
        for number, line in enumerate(lines, 1):
            try:
                self._take(json.loads(line))
            except (Failure, ValueError, KeyError, TypeError) as error:
                raise Failure(f"line {number} of the output: {error!s:.200} in {line[:200]!r}") from error
        if whole:
            self._check_end()

    def of_pid(self, pid: int) -> list[Captured]:
        return [c for c in self.connections.values() if c.pid == pid]

    def counter(self, name: str) -> int:
        assert self.summary is not None
        return self.summary["counters"][name]

    def _take(self, record: dict) -> None:
        kind = record["type"]
        _want(self.summary is None, "a record after the summary")
        _want("time" in record, "no time")
        if kind in RECORDS:
            wanted = {"type", "time", *RECORDS[kind].split()}
            _want(set(record) == wanted, f"fields {sorted(set(record) ^ wanted)} too many or too few")
        if kind == "open":
            return self._open(record)
        if kind == "summary":
            self.summary = record
            return None
        connection = self.connections.get(record["connection"])
        _want(connection is not None, "a connection that was not opened")
        _want(connection.close is None, "a connection that is closed")
        _want(connection.pid == record["pid"], f"pid {record['pid']} of a connection of pid {connection.pid}")
        if kind == "close":
            return _close(connection, record)
        _want(record["direction"] in ("read", "write"), f"direction {record['direction']!r}")
        stream = connection.read if record["direction"] == "read" else connection.write
        if kind == "chunk":
            self.chunks += 1
            return _chunk(stream, record)
        _want(kind in ("gap", "not_sent"), f"type {kind!r}")
        return _gap(stream, record)

    def _open(self, record: dict) -> None:
        number = record["connection"]
        last = max(self.connections, default=0)
        _want(number > last if self.filtered else number == last + 1, f"connection {number} after {last} others")
        _want(record["role"] in ("client", "server", None), f"role {record['role']!r}")
        self.connections[number] = Captured(number, record)

    def _check_end(self) -> None:
        if self.summary is None:
            raise Failure("the output has no summary: it is cut off")
        for connection in self.connections.values():
            if connection.close is None:
                raise Failure(f"{connection} was never closed")
        s = self.summary
        if self.filtered:
            if s["connections"] < len(self.connections):
                raise Failure(f"the summary counts {s['connections']} connections, not {len(self.connections)} at least")
            return
        for direction in ("read", "write"):
            streams = [getattr(c, direction) for c in self.connections.values()]
            _check_totals("the summary", direction, s[direction], streams)
        if s["connections"] != len(self.connections):
            raise Failure(f"the summary counts {s['connections']} connections, not {len(self.connections)}")
        processes = len({c.pid for c in self.connections.values()})
        # A pid may name several processes one after the other.
        if s["processes"] < processes:
            raise Failure(f"the summary counts {s['processes']} processes, not {processes}")


def load(path: pathlib.Path, whole: bool = True, filtered: bool = False) -> Capture:
    if not path.exists():
        raise Failure(f"no output {path.name}")
    with open(path, "rb") as lines:
        return Capture(lines, whole, filtered)


def _want(condition: bool, message: str) -> None:
    if not condition:
        raise Failure(message)


def _chunk(stream: Stream, record: dict) -> None:
    has_text = "text" in record
    _want(set(record) == CHUNK | {"text" if has_text else "base64"}, f"fields {sorted(record)}")
    data = record["text"].encode() if has_text else base64.b64decode(record["base64"], validate=True)
    _want(len(data) == record["length"] > 0, f"{len(data)} bytes that call themselves {record['length']}")
    _want(record["position"] == stream.next, f"position {record['position']} where {stream.next} comes next")
    stream.positions.append(stream.next)
    stream.pieces.append(data)
    stream.next += len(data)


def _gap(stream: Stream, record: dict) -> None:
    position, length = record["position"], record["length"]
    _want(length > 0, "an empty gap")
    if record["type"] == "not_sent":
        _want(position + length <= stream.next, f"unsent bytes up to {position + length}, only {stream.next} passed")
        stream.not_sent.append(Gap(position, length))
        return
    _want(set(record["reasons"]) <= GAP_REASONS, f"reasons {record['reasons']}")
    _want(position == stream.next, f"a gap at {position} where {stream.next} comes next")
    stream.gaps.append(Gap(position, length, tuple(record["reasons"])))
    stream.next += length


def _close(connection: Captured, record: dict) -> None:
    _want(record["reason"] in CLOSE_REASONS, f"reason {record['reason']!r}")
    connection.close = record
    for direction in ("read", "write"):
        _check_totals(str(connection), direction, record[direction], [getattr(connection, direction)])


def _check_totals(what: str, direction: str, totals: dict, streams: list[Stream]) -> None:
    counted = {
        "bytes": sum(s.captured() for s in streams),
        "missing": sum(s.missing() for s in streams),
        "skipped": 0,  # who has chunks wants all bytes
        "chunks": sum(len(s.pieces) for s in streams),
    }
    if direction == "write":
        counted["not_sent"] = sum(s.unsent() for s in streams)
    if totals != counted:
        raise Failure(f"{what}, {direction}: totals {totals}, but its records add up to {counted}")
