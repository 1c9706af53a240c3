"""The records "exchange" and "message" that gotls wrote with -o json (docs/json.md)."""

import base64
import collections
import dataclasses
import json
import pathlib
import typing

from case import Failure, check, check_equal
from truth import Amount

STATES = {"open", "complete", "reset", "closed", "gap", "malformed"}
Field = tuple[typing.Optional[str], typing.Optional[str]]  # None: not known


@dataclasses.dataclass
class Body:
    """Of a request or a response, or a message."""

    wire_bytes: int
    missing: int
    complete: bool
    decoded_bytes: int
    content: bytes  # decoded
    truncated: bool
    problem: typing.Optional[str]
    skipped: int = 0

    def amount(self) -> Amount:
        """What it says when it is all there."""
        if not self.complete or self.missing or self.skipped or self.truncated or self.problem:
            raise Failure(f"a body with flaws: {dataclasses.replace(self, content=None)}")
        check_equal(self.decoded_bytes, len(self.content), "decoded_bytes of a whole body")
        return Amount.of(self.content)


@dataclasses.dataclass
class Half:
    """A request or a response."""

    seen: bool
    headers: list[Field]
    trailers: list[Field]
    redacted: set[str]  # names of the fields whose value was replaced
    body: Body
    first: typing.Optional[str]
    last: typing.Optional[str]

    def values(self, name: str) -> list[typing.Optional[str]]:
        return [value for field, value in [*self.headers, *self.trailers] if field is not None and field.lower() == name]


@dataclasses.dataclass
class Message:
    kind: str
    from_client: bool
    number: int
    body: Body
    compressed: bool
    name: typing.Optional[str]
    event_id: typing.Optional[str]
    close_code: typing.Optional[int]
    fields: typing.Optional[str]


@dataclasses.dataclass
class Exchange:
    number: int
    connection: int
    pid: int
    role: str
    local: str
    remote: str
    version: typing.Optional[str]
    application: str
    state: str
    detail: typing.Optional[str]
    stream: int
    pushed: bool
    method: typing.Optional[str]
    scheme: typing.Optional[str]
    host: typing.Optional[str]
    path: typing.Optional[str]
    status: typing.Optional[int]
    upgrade: typing.Optional[str]
    informational: list[int]
    request: Half
    response: Half
    client_messages: int
    server_messages: int
    rpc: typing.Optional[dict]
    messages: list[Message] = dataclasses.field(default_factory=list)

    @property
    def client(self) -> str:
        return self.local if self.role == "client" else self.remote

    @property
    def server(self) -> str:
        return self.remote if self.role == "client" else self.local

    def __str__(self) -> str:
        return f"exchange {self.number} ({self.role}, {self.client}, stream {self.stream}: {self.method} {(self.path or '?')[:80]})"

    def of(self, from_client: bool, *kinds: str) -> list[Message]:
        return [m for m in self.messages if m.from_client == from_client and (not kinds or m.kind in kinds)]


class Exchanges:
    """A whole output. Each exchange ends once; its messages come while it is open, numbered for each side from 1."""

    def __init__(self, lines: typing.Iterable[bytes]):
        self.connections: dict[int, dict] = {}
        self.all: list[Exchange] = []  # in the order in which they ended
        self.summary: typing.Optional[dict] = None
        self._open: dict[int, Exchange] = {}
        self._ended: set[int] = set()
        self._closed: set[int] = set()
        for number, line in enumerate(lines, 1):
            try:
                self._take(json.loads(line))
            except (Failure, ValueError, KeyError, TypeError) as error:
                raise Failure(f"line {number} of the output: {error!r:.300} in {line[:300]!r}") from error
        check(self.summary is not None, "the output has no summary: it is cut off")
        check(not self._open, f"exchanges that never ended: {[str(e) for e in self._open.values()][:3]}")
        check_equal(self._closed, set(self.connections), "the connections that were closed")

    def _take(self, record: dict) -> None:
        check(self.summary is None, "a record after the summary")
        kind = record["type"]
        if kind == "summary":
            self.summary = record
            return
        number = record["connection"]
        if kind == "open":
            self.connections[number] = record
            return
        check(number in self.connections and number not in self._closed, "a connection that is not open")
        if kind == "close":
            self._closed.add(number)
        elif kind == "exchange":
            self._exchange(record)
        else:
            check_equal(kind, "message", "type")
            self._message(record)

    def _exchange(self, record: dict) -> None:
        exchange = _exchange(record, self.connections[record["connection"]])
        check(exchange.number not in self._ended, f"{exchange} has ended before")
        check(exchange.state in STATES, f"state {exchange.state!r}")
        before = self._open.pop(exchange.number, None)
        if before:
            exchange.messages = before.messages
        if exchange.state == "open":
            check(before is None, f"{exchange} is opened again")
            self._open[exchange.number] = exchange
            return
        counted = collections.Counter(m.from_client for m in exchange.messages)
        said = {True: exchange.client_messages, False: exchange.server_messages}
        check_equal({side: counted[side] for side in said}, said, f"{exchange}: its messages, from the client and the server,")
        self._ended.add(exchange.number)
        self.all.append(exchange)

    def _message(self, record: dict) -> None:
        exchange = self._open.get(record["exchange"])
        check(exchange is not None, "a message of an exchange that is not open")
        check_equal(record["connection"], exchange.connection, "the connection")
        message = Message(
            kind=record["kind"],
            from_client=record["from"] == "client",
            number=record["number"],
            body=_body(record),
            compressed=record["compressed"],
            name=record["name"],
            event_id=record["event_id"],
            close_code=record["close_code"],
            fields=record["fields"],
        )
        check_equal(message.number, len(exchange.of(message.from_client)) + 1, "the number of the message")
        sent = "write" if (exchange.role == "client") == message.from_client else "read"
        check_equal(record["direction"], sent, "direction")
        exchange.messages.append(message)


def load(path: pathlib.Path) -> Exchanges:
    check(path.exists(), f"no output {path.name}")
    with open(path, "rb") as lines:
        return Exchanges(lines)


def _exchange(r: dict, opened: dict) -> Exchange:
    check_equal((r["role"], r["remote"], r["pid"]), (opened["role"], opened["remote"], opened["pid"]), "role, remote and pid")
    return Exchange(
        number=r["exchange"], connection=r["connection"], pid=r["pid"], role=r["role"], local=opened["local"],
        remote=r["remote"], version=r["version"], application=r["application"], state=r["state"], detail=r["detail"],
        stream=r["stream"], pushed=r["pushed"], method=r["method"], scheme=r["scheme"], host=r["host"], path=r["path"],
        status=r["status"], upgrade=r["upgrade"], informational=r["informational"], request=_half(r["request"]),
        response=_half(r["response"]), client_messages=r["client_messages"], server_messages=r["server_messages"],
        rpc=r["rpc"],
    )


def _half(r: dict) -> Half:
    headers, trailers = ([(f["name"], f["value"]) for f in r[part]] for part in ("headers", "trailers"))
    redacted = {str(f["name"]).lower() for part in ("headers", "trailers") for f in r[part] if f.get("redacted")}
    return Half(r["seen"], headers, trailers, redacted, _body(r["body"]), r["first"], r["last"])


def _body(r: dict) -> Body:
    check(("text" in r) != ("base64" in r), "not exactly one of text and base64")
    content = r["text"].encode() if "text" in r else base64.b64decode(r["base64"], validate=True)
    return Body(r["wire_bytes"], r["missing"], r["complete"], r["decoded_bytes"], content, r["truncated"], r["problem"], r.get("skipped", 0))
