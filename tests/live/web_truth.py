"""What the targets web, grpc and websocket say of their traffic (tests/targets/README.md): both ends of it, put together.

A client does not know what its transport adds to a request, nor a server what is added to its response: the whole of a
request is what the server got, and the whole of a response what the client got.
"""

import collections
import dataclasses
import json
import pathlib
import typing

from case import Failure, check, check_equal
from truth import Amount

Fields = list[tuple[str, str]]


def lines(path: pathlib.Path, kind: str) -> list[dict]:
    if not path.exists():
        raise Failure(f"the target wrote no log ({path})")
    return [line for line in map(json.loads, path.read_text().splitlines()) if line["kind"] == kind]


def fields(line: dict, name: str) -> Fields:
    return [(field, value) for field, value in line.get(name) or []]


@dataclasses.dataclass
class WebExchange:
    """A request and its response."""

    label: str
    after: bool  # after the start signal
    client: str  # address
    server: str
    proto: str
    method: str
    host: str
    path: str
    status: int
    informational: list[int]
    request_headers: Fields
    response_headers: Fields
    request_trailers: Fields
    response_trailers: Fields
    request_body: Amount
    response_body: Amount  # as transferred; of a cut one: what the client got of it
    decoded: Amount  # the response without its content coding
    events: list[tuple[str, str, str]]  # name, id, data
    tunnel: typing.Optional[tuple[Amount, Amount]]  # bytes up and down that are no HTTP any more
    cut: bool

    def __str__(self) -> str:
        return f"{self.proto} {self.method} {self.path[:80]} of {self.client}"

    def request(self, name: str) -> list[str]:
        return [value for field, value in self.request_headers if field.lower() == name]

    def response(self, name: str) -> list[str]:
        return [value for field, value in self.response_headers if field.lower() == name]


def load_web(path: pathlib.Path) -> list[WebExchange]:
    """In the order of the clients' lines."""
    ends: dict[tuple, list[dict]] = collections.defaultdict(list)
    clients = []
    for line in lines(path, "exchange"):
        if line["side"] == "client":
            clients.append(line)
        else:
            ends[line["remote"], line["method"], line["path"]].append(line)
    check(clients, "the target's log names no exchange")
    found = []
    for client in clients:
        same = ends[client["local"], client["method"], client["path"]]
        check(same, f"the target's log has no server's line for {client['path']} of {client['local']}")
        found.append(_merged(client, same.pop(0)))
    left = [line["path"] for same in ends.values() for line in same]
    check(not left, f"the target's log has no client's line for {left}")
    return found


def _merged(client: dict, server: dict) -> WebExchange:
    where = f"the target's log, {client['path']}"
    check_equal(client["status"], server["status"], f"{where}: the client's status")
    cut = client.get("cut", False)
    for name in ("request_body", "up", "down") if cut else ("request_body", "response_body", "up", "down"):
        if name in client and name in server:
            check_equal(client[name], server[name], f"{where}: the client's {name}")
    body = Amount.parse(client.get("response_body")) or Amount.of(b"")
    return WebExchange(
        label=client.get("label", ""),
        after=client.get("after", False),
        client=client["local"],
        server=client["remote"],
        proto=server["proto"],
        method=server["method"],
        host=server["host"],
        path=server["path"].removeprefix(f"https://{server['host']}"),  # an absolute target: gotls takes it apart
        status=client["status"],
        informational=client.get("informational", []),
        request_headers=fields(server, "request_headers"),
        response_headers=fields(client, "response_headers"),
        request_trailers=fields(server, "request_trailers"),
        response_trailers=fields(client, "response_trailers"),
        request_body=Amount.parse(server.get("request_body")) or Amount.of(b""),
        response_body=body,
        decoded=Amount.parse(client.get("decoded")) or body,
        events=[(e["name"], e["id"], e["data"]) for e in server.get("events", [])],
        tunnel=(Amount.parse(client["up"]), Amount.parse(client["down"])) if "up" in client else None,
        cut=cut,
    )


def load_secrets(path: pathlib.Path) -> dict[str, str]:
    """Values that no decoded output may show, by where they were sent."""
    return {line["where"]: line["value"] for line in lines(path, "secret")}


@dataclasses.dataclass
class Call:
    """A gRPC call."""

    id: str
    label: str
    after: bool
    client: str
    server: str
    method: str  # with the service: a path
    code: int
    message: str
    timeout: bool
    coding: str
    metadata: Fields
    trailer: Fields
    sent: list[Amount]  # by the client; uncompressed
    received: list[Amount]
    cut: bool  # the client left: it may not have got all that was sent, nor the status

    def __str__(self) -> str:
        return f"{self.method} {self.id} ({self.label})"


def load_calls(path: pathlib.Path) -> list[Call]:
    """In the order of the clients' lines."""
    all_lines = lines(path, "call")
    servers = {line["id"]: line for line in all_lines if line["side"] == "server"}
    calls = []
    for client in (line for line in all_lines if line["side"] == "client"):
        server, cut = servers.get(client["id"]), client.get("cut", False)
        sent, received = ([Amount.parse(a) for a in client[name]] for name in ("sent", "received"))
        # A service answers a method that it doesn't have without a line in the log.
        if server is not None and not cut:
            for name, other in (("sent", "received"), ("received", "sent"), ("code", "code"), ("message", "message")):
                check_equal(client[name], server[other], f"the target's log, call {client['id']}: the client's {name}")
        calls.append(Call(
            id=client["id"], label=client["label"], after=client.get("after", False), client=client["local"],
            server=client["remote"], method=client["method"], code=client["code"], message=client["message"],
            timeout=client.get("timeout", False), coding=client.get("coding", ""), metadata=fields(client, "metadata"),
            trailer=fields(client, "trailer"), sent=sent, received=received, cut=cut,
        ))
    check(calls, "the target's log names no call")
    return calls


@dataclasses.dataclass(frozen=True)
class TrueMessage:
    kind: str
    body: Amount
    code: int  # of a close; else 0


@dataclasses.dataclass
class Talk:
    """A WebSocket connection."""

    name: str
    client: str
    server: str
    path: str
    protocol: str
    compressed: bool
    sent: list[TrueMessage]  # by the client
    received: list[TrueMessage]


def load_talks(path: pathlib.Path) -> list[Talk]:
    def messages(line: dict, name: str) -> list[TrueMessage]:
        return [TrueMessage(m["kind"], Amount.parse(m), m.get("code", 0)) for m in line[name]]

    all_lines = lines(path, "websocket")
    servers = {line["remote"]: line for line in all_lines if line["side"] == "server"}
    talks = []
    for client in (line for line in all_lines if line["side"] == "client"):
        server = servers[client["local"]]
        for name, other in (("sent", "received"), ("received", "sent")):
            check_equal(messages(client, name), messages(server, other), f"the target's log, {client['name']}: the client's {name}")
        talks.append(Talk(client["name"], client["local"], client["remote"], client["path"], client["protocol"],
                          client["compressed"], messages(client, "sent"), messages(client, "received")))
    check(talks, "the target's log names no WebSocket connection")
    return talks
