"""The pcapng output and the key log, as tshark reads them: it knows nothing of gotls."""

import collections
import gzip
import pathlib
import re
import signal
import socket
import struct
import subprocess

import compare_web
import service
import web_truth
from case import Case, Context, Counted, check, check_equal, poll
from service import WHOLE, Service
from tracer import Tracer
from truth import Amount
from tshark import Frame, Reading, Seen
from web_truth import Call, Talk, WebExchange

# Content codings that tshark does not undo everywhere; in HTTP/1.1 it then shows no body at all.
UNKNOWN_CODINGS = {"br", "zstd"}


def client_of(context: Context, name: str, outputs: list) -> tuple[pathlib.Path, str]:
    """Traces a target's client, its server runs beside; the log of both, and the server's address."""
    binary = service.program(context, name)
    server = Service(context, binary, ["-role", "server"], name="server")
    tracer = Tracer(context, [*WHOLE, "--no-redact", *outputs, "--", binary, "-role", "client", "-connect", server.address, "-log", server.log],
                    what="exchanges")
    tracer.process.expect(0)
    return server.end(), server.address


def check_web(truth: list[WebExchange], seen: list[Seen], encrypted: bool = False) -> Counted:
    by_end: dict[tuple, list[Seen]] = collections.defaultdict(list)
    for one in seen:
        by_end[one.client, one.method, re.sub("^https://[^/]+", "", one.path)].append(one)
    total = Counted()
    for true in truth:
        same = by_end[true.client, true.method, true.path]
        check(same, f"{true}: tshark does not see it among {len(seen)}")
        # In TLS, tshark does not learn that the end of the connection ends the body.
        total += _check_one(true, same.pop(0), to_end=not (encrypted and true.proto == "HTTP/1.0"))
    # What looks like HTTP in a tunnel is HTTP for tshark.
    tunnels = {end for true in truth if true.tunnel for end in (true.client, true.server)}
    left = [str(one) for same in by_end.values() for one in same if one.client not in tunnels]
    check(not left, f"{len(left)} exchanges that never were: {left[:3]}")
    return total


def _check_one(true: WebExchange, seen: Seen, to_end: bool) -> Counted:
    what = f"{true}, {seen}"
    # Of HTTP/1.1, tshark shows no trailers.
    request, response = (true.request_trailers, true.response_trailers) if true.proto == "HTTP/2.0" else ([], [])
    compare_web.check_fields(f"{what}: request headers", [*true.request_headers, *request], seen.request_headers)
    if true.label == "chunks":
        return Counted()  # tshark knows no extensions of chunks
    check_body(f"{what}: request body", seen.request_body, {true.request_body})
    if not to_end or true.cut and true.proto != "HTTP/2.0" or true.label == "pipelined":
        return Counted()  # no response that isn't whole; and it takes a response to HEAD for one with a body when more follows
    check_equal(seen.status, true.status, f"{what}: status")
    if true.cut or true.tunnel:
        return Counted()
    compare_web.check_fields(f"{what}: response headers", [*true.response_headers, *response], seen.response_headers)
    if not set(true.response("content-encoding")) & UNKNOWN_CODINGS:
        check_body(f"{what}: response body", seen.response_body, {true.response_body, true.decoded})
    return Counted(0, len(seen.request_body) + len(seen.response_body))


def check_body(what: str, got: bytes, wanted: set[Amount]) -> None:
    check(Amount.of(got) in wanted, f"{what} is {len(got)} bytes, {got[:40]!r}..., not one of {wanted}")


def web(context: Context) -> Counted:
    """Every exchange, with its headers and its body."""
    file = context.file("capture.pcapng")
    log, server = client_of(context, "web", ["-o", f"pcapng:{file}"])
    check_no_faults(file)
    return check_web(web_truth.load_web(log), Reading(file, [server]).all())


def check_no_faults(file: pathlib.Path) -> None:
    """No packet that tshark finds fault with, in sequence numbers or checksums."""
    bad = "tcp.analysis.flags && !tcp.analysis.reused_ports || tcp.checksum.status == 0 || ip.checksum.status == 0 || _ws.malformed"
    words = [service.tool("tshark", "tshark"), "-r", str(file), "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-Y", bad]
    found = subprocess.run(words, capture_output=True, text=True, check=False)
    check_equal((found.returncode, found.stdout), (0, ""), f"tshark's exit code, and packets that it finds fault with ({found.stderr[-300:]})")


def grpc(context: Context) -> Counted:
    file = context.file("capture.pcapng")
    log, server = client_of(context, "grpc", ["-o", f"pcapng:{file}"])
    reading = Reading(file, [server])
    check(reading.protocols["grpc"], "tshark sees no gRPC")
    return check_calls(web_truth.load_calls(log), reading.all())


def check_calls(calls: list[Call], found: list[Seen]) -> Counted:
    seen = {(value, one.client): one for one in found for name, value in one.request_headers if name == "x-call"}
    check_equal(len(seen), len(calls), "the number of calls that tshark sees")
    total = Counted()
    for true in calls:
        one = seen[true.id, true.client]
        check_equal((one.path, one.method), (true.method, "POST"), f"{true}: what it is")
        status = [value for name, value in one.response_headers if name == "grpc-status"]
        if not true.cut:
            check_equal(status, [str(true.code)], f"{true}: status")
            check_equal(_sizes(one.response_body), [a.bytes for a in true.received], f"{true}: messages received")
        check_equal(_sizes(one.request_body), [a.bytes for a in true.sent], f"{true}: messages sent")
        total += Counted(0, len(one.request_body) + len(one.response_body))
    return total


def _sizes(body: bytes) -> list[int]:
    """Of the messages in what tshark puts together of a stream's data."""
    sizes, at = [], 0
    while at < len(body):
        length = int.from_bytes(body[at + 1 : at + 5], "big")
        message = body[at + 5 : at + 5 + length]
        check_equal(len(message), length, "the length of a message's bytes")
        if body[at]:
            message = gzip.decompress(message)
        sizes.append(len(message))
        at += 5 + length
    return sizes


def websocket(context: Context) -> Counted:
    file = context.file("capture.pcapng")
    log, server = client_of(context, "websocket", ["-o", f"pcapng:{file}"])
    return check_talks(web_truth.load_talks(log), Reading(file, [server]).frames)


def check_talks(talks: list[Talk], frames: list[Frame]) -> Counted:
    total, opcodes = Counted(), {"text": 1, "binary": 2, "close": 8, "ping": 9, "pong": 10}
    for true in talks:
        for from_client, messages in ((True, true.sent), (False, true.received)):
            mine = [f for f in frames if f.client == true.client and f.from_client == from_client]
            counted = collections.Counter(f.opcode for f in mine if f.opcode)
            wanted = collections.Counter(opcodes[m.kind] for m in messages)
            check_equal(counted, wanted, f"{true.name}: the number of messages by opcode")
            data = sum(f.length for f in mine if f.opcode < 8)
            if not true.compressed:
                check_equal(data, sum(m.body.bytes for m in messages if m.kind in ("text", "binary")), f"{true.name}: bytes of data")
            total += Counted(0, data)
    return total


def key_log(context: Context, version: str, tls: str) -> Counted:
    """A real capture of the encrypted bytes, beside gotls: with its key log, tshark reads it."""
    tcpdump = service.tool("tcpdump", "tcpdump")
    file, keys = context.file("encrypted.pcap"), context.file("keys")
    binary = service.program(context, "web", version)
    server = Service(context, binary, ["-role", "server", "-tls", tls], name="server")
    port = server.address.rpartition(":")[2]
    dump = context.start([tcpdump, "-i", "lo", "-U", "-B", "65536", "-Z", "root", "-w", file, "tcp", "port", port], "tcpdump")
    dump.await_text("listening on", "stderr")
    tracer = Tracer(context, [*WHOLE, "-o", f"keylog:{keys}", "--", binary, "-role", "client", "-connect", server.address,
                              "-log", server.log, "-tls", tls], what="exchanges")
    tracer.process.expect(0)
    # tcpdump drops what it has not read when it ends: a last connection tells how far it has come.
    with socket.create_connection(("127.0.0.1", int(port))) as last:
        # Both addresses too: two ports alone are found in encrypted bytes by chance.
        mark = socket.inet_aton("127.0.0.1") * 2 + struct.pack(">HH", last.getsockname()[1], int(port))
        poll(lambda: mark in file.read_bytes(), "tcpdump to catch up")
    log = server.end()
    dump.signal(signal.SIGINT)
    dump.expect(0)
    check(" 0 packets dropped by kernel" in " " + dump.stderr().replace("\n", " "), f"tcpdump lost packets: {dump.tail()}")
    plain = Reading(file, [server.address])
    check(not plain.all(), "tshark reads the encrypted capture without keys")
    # What two CPUs send at the same time over the loopback need not be captured in its order.
    options = ["-o", f"tls.keylog_file:{keys}", "-o", "tcp.reassemble_out_of_order:TRUE",
               # tshark goes by both ports, and some that a client may get are another protocol's, as 48898 is.
               "-d", f"tcp.port=={port},tls"]
    return check_web(web_truth.load_web(log), Reading(file, [server.address], options).all(), encrypted=True)


def cases(level: str) -> list[Case]:
    found = [Case("pcapng/web", web), Case("pcapng/grpc", grpc), Case("pcapng/websocket", websocket)]
    kinds = [(service.VERSION, "1.3")] if level == "quick" else [("1.15", "1.2"), ("1.15", "1.3"), (service.VERSION, "1.2"), (service.VERSION, "1.3")]
    return found + [Case(f"keylog/go{version}/tls{tls}", key_log, (version, tls)) for version, tls in kinds]
