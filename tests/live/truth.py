"""The targets' own record of their traffic (tests/targets/README.md)."""

import dataclasses
import hashlib
import json
import pathlib
import typing

from case import Failure


@dataclasses.dataclass(frozen=True)
class Amount:
    bytes: int
    sha256: str

    @staticmethod
    def of(data: bytes) -> "Amount":
        return Amount(len(data), hashlib.sha256(data).hexdigest())

    @staticmethod
    def parse(fields: typing.Optional[dict]) -> typing.Optional["Amount"]:
        return None if fields is None else Amount(fields["bytes"], fields["sha256"])


@dataclasses.dataclass
class TrueConnection:
    """One end of one connection."""

    pid: int
    scenario: str
    side: str
    tls_conn: str
    local: str
    remote: str
    version: str
    cipher: str
    alpn: str
    sni: str
    resumed: bool
    note: str
    error: str
    read: typing.Optional[Amount]  # None: nobody counted
    write: typing.Optional[Amount]
    unordered: bool
    writers: list[Amount]

    def __str__(self) -> str:
        note = f" ({self.note})" if self.note else ""
        return f"{self.scenario} {self.side}{note} pid {self.pid} {self.tls_conn} {self.local}->{self.remote}"

    def silent(self) -> bool:
        """No byte passed: then there is nothing to capture."""
        return self.read is not None and self.read.bytes == 0 and self.write.bytes == 0


@dataclasses.dataclass
class TrueExchange:
    """One end of one HTTP exchange."""

    pid: int
    side: str
    local: str
    remote: str
    proto: str
    method: str
    path: str
    status: int
    request_body: Amount
    response_body: Amount


@dataclasses.dataclass
class Truth:
    connections: list[TrueConnection]
    exchanges: list[TrueExchange]
    summaries: list[dict]


def parse(text: str) -> Truth:
    truth = Truth([], [], [])
    for line in text.splitlines():
        fields = json.loads(line)
        kind = fields["kind"]
        if kind == "conn":
            truth.connections.append(_connection(fields))
        elif kind == "http":
            truth.exchanges.append(_exchange(fields))
        elif kind == "summary":
            truth.summaries.append(fields)
        else:
            raise Failure(f"the target's log has a line of kind {kind!r}")
    return truth


def load(path: pathlib.Path) -> Truth:
    if not path.exists():
        raise Failure(f"the target wrote no log ({path})")
    return parse(path.read_text())


def _connection(f: dict) -> TrueConnection:
    return TrueConnection(
        pid=f["pid"],
        scenario=f["scenario"],
        side=f["side"],
        tls_conn=f["tls_conn"],
        local=f["local"],
        remote=f["remote"],
        version=f.get("version", ""),
        cipher=f.get("cipher", ""),
        alpn=f.get("alpn", ""),
        sni=f.get("sni", ""),
        resumed=f.get("resumed", False),
        note=f.get("note", ""),
        error=f.get("error", ""),
        read=Amount.parse(f.get("read")),
        write=Amount.parse(f.get("write")),
        unordered=f.get("unordered", False),
        writers=[Amount.parse(w) for w in f.get("writers", [])],
    )


def _exchange(f: dict) -> TrueExchange:
    return TrueExchange(
        pid=f["pid"],
        side=f["side"],
        local=f.get("local", ""),
        remote=f.get("remote", ""),
        proto=f["proto"],
        method=f["method"],
        path=f["path"],
        status=f["status"],
        request_body=Amount.parse(f["request_body"]),
        response_body=Amount.parse(f["response_body"]),
    )
