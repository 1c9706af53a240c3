"""Bytes that nobody wants are not copied out of the kernel, and all the rest stays right: --max-body, --headers-only."""

import json
import random
import socket
import ssl
import struct
import subprocess
import typing

import go_program
import service
import web_truth
from case import Case, Context, Counted, check, check_equal, poll
from exchanges import Exchange
from service import Service
from tracer import Tracer
from truth import Amount

SIZE = 24_000_000  # more than the buffers of a socket hold
FRAME = 900_000  # of HTTP/2: within the windows that Go gives at the beginning
KEPT = 64 << 10  # --max-body, when nobody says otherwise


class Peer:
    """A client that stops in the middle of a body until the test lets it go on."""

    def __init__(self, address: str, alpn: str):
        host, _, port = address.rpartition(":")
        tls = ssl.create_default_context()
        tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
        tls.set_alpn_protocols([alpn])
        self.socket = tls.wrap_socket(socket.create_connection((host.strip("[]"), int(port)), timeout=90), server_hostname="gotls.test")
        check_equal(self.socket.selected_alpn_protocol(), alpn, "ALPN")

    def receive(self, enough: typing.Callable[[bytes], bool]) -> bytes:
        got = bytearray()
        while not enough(got):
            data = self.socket.recv(1 << 16)
            check(data, f"the server ended the connection after {bytes(got[-300:])!r}")
            got += data
        return bytes(got)


def _words(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def _post(path: str, fields: str) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: gotls.test\r\nX-Mine: yes\r\n{fields}\r\n\r\n".encode()


def upload(peer: Peer, path: str, pause: typing.Callable[[], None]) -> Amount:
    """HTTP/1.1: a body whose length the head says."""
    body = _words(SIZE)
    peer.socket.sendall(_post(path, f"Content-Length: {SIZE}") + body[: KEPT + 1000])
    pause()
    peer.socket.sendall(body[KEPT + 1000 :])
    peer.receive(lambda got: b"\r\n\r\n" in got)
    return Amount.of(body)


def chunked(peer: Peer, path: str, pause: typing.Callable[[], None]) -> Amount:
    """HTTP/1.1: one chunk of a known length, and a small one behind it."""
    body = _words(SIZE)
    peer.socket.sendall(_post(path, "Transfer-Encoding: chunked") + f"{SIZE - 5:x}\r\n".encode() + body[: KEPT + 1000])
    pause()
    peer.socket.sendall(body[KEPT + 1000 : -5] + b"\r\n5\r\n" + body[-5:] + b"\r\n0\r\nX-Sum: 12\r\n\r\n")
    peer.receive(lambda got: b"\r\n\r\n" in got)
    return Amount.of(body)


def download(peer: Peer, path: str, pause: typing.Callable[[], None]) -> Amount:
    """HTTP/1.1: a response that its server writes piece by piece, and that is read late."""
    peer.socket.sendall(f"GET {path}&down={SIZE}&sized=1&parts=1500 HTTP/1.1\r\nHost: gotls.test\r\nX-Mine: yes\r\n\r\n".encode())
    pause()
    got = peer.receive(lambda got: len(got) > SIZE and len(got) - got.find(b"\r\n\r\n") - 4 == SIZE)
    return Amount.of(got[-SIZE:])


def frame(peer: Peer, path: str, pause: typing.Callable[[], None]) -> Amount:
    """HTTP/2: one large DATA frame."""
    body = _words(FRAME)

    def head(kind: int, flags: int, stream: int, length: int) -> bytes:
        return struct.pack(">I", length)[1:] + struct.pack(">BBI", kind, flags, stream)

    def field(name: str, value: str) -> bytes:  # never indexed, no Huffman code
        return b"\x10" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()

    fields = [(":method", "POST"), (":scheme", "https"), (":authority", "gotls.test"), (":path", path), ("x-mine", "yes")]
    block = b"".join(field(name, value) for name, value in fields)
    peer.socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + head(4, 0, 0, 0) + head(1, 4, 1, len(block)) + block
                        + head(0, 1, 1, FRAME) + body[: KEPT + 1000])
    pause()
    peer.socket.sendall(body[KEPT + 1000 :])
    peer.receive(_response_ended)
    return Amount.of(body)


def _response_ended(got: bytes) -> bool:
    at = 0
    while at + 9 <= len(got):
        length, kind, flags = int.from_bytes(got[at : at + 3], "big"), got[at + 3], got[at + 4]
        if kind in (0, 1) and flags & 1:
            return at + 9 + length <= len(got)
        at += 9 + length
    return False


WAYS = {"upload": (upload, "http/1.1"), "chunked": (chunked, "http/1.1"), "download": (download, "http/1.1"), "frame": (frame, "h2")}


def _told(bpftool: str, pid: int) -> bool:
    """The kernel half has been told what is not wanted of a connection of this process."""
    said = subprocess.run([bpftool, "-j", "map", "dump", "name", "skips"], capture_output=True, check=False).stdout
    found = json.loads(said or "[]")
    return f'"pid": {pid},' in json.dumps(found) and '"until": 0' not in json.dumps(found)


def skipped(context: Context, way: str, view: tuple[str, ...]) -> Counted:
    bpftool = service.tool("bpftool", "bpftool")
    server = Service(context, service.program(context, "web"), ["-role", "server"])
    tracer = Tracer(context, [*view, "-p", server.pid], what="exchanges").await_attached()
    move, alpn = WAYS[way]
    path = f"/any?n=1&way={way}"
    body = move(Peer(server.address, alpn), path, lambda: poll(lambda: _told(bpftool, server.pid), "word of what is not wanted"))
    log = server.end()
    tracer.process.expect(0)
    (line,) = web_truth.lines(log, "exchange")
    found = service.found(tracer)
    (got,) = found.all
    check_equal((got.method, got.status, got.state), (line["method"], line["status"], "complete"), f"{got}: method, status, state")
    check_equal(got.request.values("x-mine"), ["yes"], f"{got}: a header")
    check_equal(got.response.values("x-number"), ["1"], f"{got}: a header of the response")
    which = "response" if way == "download" else "request"
    check_equal(Amount.parse(line[f"{which}_body"]), body, f"what the server says of the {which}'s body")
    return Counted(1, _check_body(got, which, body, 0 if "--headers-only" in view else KEPT, found.summary))


def _check_body(got: Exchange, which: str, true: Amount, kept: int, summary: dict) -> int:
    """The size is right, the beginning is there, the rest was not copied: the kernel's counters say so."""
    body = getattr(got, which).body
    check_equal((body.wire_bytes, body.missing, body.complete, body.decoded_bytes), (true.bytes, 0, True, true.bytes),
                f"{got}: size, missing, complete and decoded size of the {which}")
    check_equal(len(body.content), kept, f"{got}: bytes that were kept")
    check(body.skipped > 0, f"{got}: nothing was skipped")
    direction = summary["read" if which == "request" else "write"]
    check_equal((direction["skipped"], direction["missing"]), (body.skipped, 0), "bytes of the direction that were skipped, missing")
    counters = summary["counters"]
    check_equal(counters["bytes_skipped"], body.skipped, "bytes that the kernel half did not copy")
    check_equal(counters["bytes_captured"], summary["read"]["bytes"] + summary["write"]["bytes"], "bytes that it did")
    check(counters["bytes_captured"] < true.bytes, f"{counters['bytes_captured']} bytes were copied for a body of {true.bytes}")
    return body.skipped


def wanted(context: Context) -> Counted:
    """An output of raw bytes gets them all, whatever the other one wants."""
    server = Service(context, service.program(context, "web"), ["-role", "server"])
    record = context.file("recording")
    view = ["--ring", "64MiB", "--max-body", "1000", "-o", f"record:{record}"]
    tracer = Tracer(context, [*view, "-p", server.pid], what="exchanges").await_attached()
    body = upload(Peer(server.address, "http/1.1"), "/any?n=1", lambda: None)
    server.end()
    tracer.process.expect(0)
    (got,) = service.found(tracer).all
    check_equal((got.request.body.wire_bytes, got.request.body.skipped), (body.bytes, 0), f"{got}: size and skipped")
    check(record.stat().st_size > body.bytes, f"the recording has {record.stat().st_size} bytes")
    return Counted(1, body.bytes)


def cut(context: Context) -> Counted:
    """What --max-op cuts off of one Write, and nobody wants, is not missing."""
    size = 5_000_000
    program = go_program.build(context, "answered", service.VERSION)
    tracer = Tracer(context, ["--headers-only", "--ring", "64MiB", "--", program, str(size)], what="exchanges")
    tracer.process.expect(0)
    found = service.found(tracer)
    sent = [e.response.body for e in found.all if e.role == "server"]
    check_equal([(b.wire_bytes, b.missing) for b in sent], [(size, 0)] * 3, "size of each body, bytes missing")
    check(all(b.skipped >= size - (2 << 20) for b in sent), f"skipped: {[b.skipped for b in sent]}")
    summary = found.summary
    check_equal((summary["write"]["missing"], summary["read"]["missing"]), (0, 0), "bytes missing")
    check(summary["counters"]["bytes_lost_capped"] > 0, "nothing was cut off")
    return Counted(2, size * 3)


def cases() -> list[Case]:
    found = [Case(f"skip/{way}", skipped, (way, ())) for way in WAYS]
    found += [Case(f"skip/headers-only/{way}", skipped, (way, ("--headers-only",))) for way in ("upload", "frame")]
    return [*found, Case("skip/raw-outputs", wanted), Case("skip/cut", cut)]
