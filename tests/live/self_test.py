"""Tests of the tests, on hand-made data: that they see what is wrong."""

import base64
import copy
import json
import typing

import compare
import http_wire
import hpack
import truth
from capture import Capture
from case import Case, Context, Counted, Failure, check, check_equal
from truth import Amount

CLIENT_SAYS, SERVER_SAYS = b"hello, server\n", b"\x00\xff hello, client"


def must_fail(part: str, call: typing.Callable, *arguments: object) -> None:
    try:
        call(*arguments)
    except Failure as reason:
        check(part in str(reason), f"failed with {str(reason)!r}, which does not say {part!r}")
        return
    raise Failure(f"nothing failed where {part!r} was to be found")


# ---- a capture and its truth, made by hand ----


def records() -> list[dict]:
    def open(number: int, role: str, local: str, remote: str, address: str) -> dict:
        return {"type": "open", "time": "t", "connection": number, "pid": 7, "process": "p", "exe": "/p",
                "namespace_pid": None, "container": None, "role": role,
                "local": local, "remote": remote, "fd": 3, "server_name": None, "tls_version": "TLS 1.3",
                "cipher_suite": "TLS_AES_128_GCM_SHA256", "alpn": None, "resumed": False, "nested": False,
                "transport": None, "stream_id": None, "goroutine": 5, "tls_conn": address}

    def chunk(number: int, direction: str, position: int, data: bytes) -> dict:
        payload = {"base64": base64.b64encode(data).decode()} if b"\xff" in data else {"text": data.decode()}
        return {"type": "chunk", "time": "t", "connection": number, "pid": 7, "direction": direction,
                "position": position, "length": len(data), "goroutine": 5, "thread": 7, **payload}

    def totals(count: int, chunks: int, write: bool) -> dict:
        return {"bytes": count, "missing": 0, "skipped": 0, "chunks": chunks, **({"not_sent": 0} if write else {})}

    def close(number: int, read: dict, write: dict) -> dict:
        return {"type": "close", "time": "t", "connection": number, "pid": 7, "reason": "closed", "read": read, "write": write}

    up, down = len(CLIENT_SAYS), len(SERVER_SAYS)
    return [
        open(1, "client", "1:1", "2:2", "0xc1"),
        chunk(1, "write", 0, CLIENT_SAYS[:5]),
        chunk(1, "write", 5, CLIENT_SAYS[5:]),
        open(2, "server", "2:2", "1:1", "0xc2"),
        chunk(2, "read", 0, CLIENT_SAYS),
        chunk(2, "write", 0, SERVER_SAYS),
        chunk(1, "read", 0, SERVER_SAYS),
        close(2, totals(up, 1, False), totals(down, 1, True)),
        close(1, totals(down, 1, False), totals(up, 2, True)),
        {"type": "summary", "time": "t", "connections": 2, "processes": 1, "read": totals(up + down, 2, False),
         "write": totals(up + down, 3, True), "counters": {"bad_values": 0}},
    ]


def true_lines() -> list[dict]:
    def amount(data: bytes) -> dict:
        return vars(Amount.of(data))

    def line(side: str, local: str, remote: str, address: str, read: bytes, write: bytes) -> dict:
        return {"pid": 7, "kind": "conn", "scenario": "s", "side": side, "tls_conn": address, "local": local,
                "remote": remote, "version": "TLS 1.3", "cipher": "TLS_AES_128_GCM_SHA256", "resumed": False,
                "read": amount(read), "write": amount(write)}

    return [line("client", "1:1", "2:2", "0xc1", SERVER_SAYS, CLIENT_SAYS),
            line("server", "2:2", "1:1", "0xc2", CLIENT_SAYS, SERVER_SAYS)]


def read_capture(lines: list[dict], whole: bool = True, filtered: bool = False) -> Capture:
    return Capture([json.dumps(line).encode() for line in lines], whole, filtered)


def read_truth(lines: list[dict]) -> truth.Truth:
    return truth.parse("\n".join(map(json.dumps, lines)))


def changed(lines: list[dict], number: int, **fields: object) -> list[dict]:
    other = copy.deepcopy(lines)
    other[number].update(fields)
    return other


# ---- the tests ----


def capture_rules(context: Context) -> Counted:
    good = records()
    capture = read_capture(good)
    check_equal(capture.connections[1].write.read(3, 6), CLIENT_SAYS[3:9], "bytes 3 to 9")
    check_equal(capture.connections[1].write.read(3, 60), None, "bytes beyond the end")
    for part, bad in [
        ("where 5 comes next", changed(good, 2, position=6)),
        ("call themselves 4", changed(good, 1, length=4)),
        ("pid 8", changed(good, 1, pid=8)),
        ("direction", changed(good, 1, direction="up")),
        ("not opened", changed(good, 1, connection=3)),
        ("too many or too few", changed(good, 0, extra=1)),
        ("add up", changed(good, 7, read={"bytes": 1, "missing": 0, "skipped": 0, "chunks": 1})),
        ("add up", changed(good, 9, read={"bytes": 1, "missing": 0, "skipped": 0, "chunks": 1})),
        ("counts 3 connections", changed(good, 9, connections=3)),
        ("type 'x'", changed(good, 1, type="x")),
        ("no summary", good[:-1]),
        ("never closed", good[:7] + good[8:]),
        ("after the summary", good + good[-1:]),
        ("is closed", good[:8] + good[5:6] + good[8:]),
        ("connection 2 after 0", good[3:]),
    ]:
        must_fail(part, read_capture, bad)
    read_capture(good[:3], whole=False)
    second = [line for line in good if line.get("connection") != 1]
    check_equal(list(read_capture(second, filtered=True).connections), [2], "the connections that a filter has left")
    must_fail("connection 2 after 2", read_capture, second[:1] + second, True, True)
    return Counted(2, 0)


def gap_rules(context: Context) -> Counted:
    place = {"time": "t", "connection": 1, "pid": 7, "direction": "write"}
    gap = {"type": "gap", **place, "position": 14, "length": 6, "reasons": ["capped"]}
    capture = read_capture(records()[:3] + [gap], whole=False)
    stream = capture.connections[1].write
    check_equal((stream.next, stream.missing(), stream.captured()), (20, 6, 14), "a stream with a gap")
    check_equal(stream.read(10, 6), None, "bytes that reach into a gap")
    must_fail("6 bytes missing", compare.check_stream, "w", stream, Amount.of(CLIENT_SAYS))
    must_fail("a gap at 15", read_capture, records()[:3] + [{**gap, "position": 15}], False)
    must_fail("reasons", read_capture, records()[:3] + [{**gap, "reasons": ["bored"]}], False)
    not_sent = {"type": "not_sent", **place, "position": 10, "length": 4}
    stream = read_capture(records()[:3] + [not_sent], whole=False).connections[1].write
    compare.check_stream("w", stream, Amount.of(CLIENT_SAYS[:10]))
    must_fail("10 bytes, the target has 14", compare.check_stream, "w", stream, Amount.of(CLIENT_SAYS))
    must_fail("only 14 passed", read_capture, records()[:3] + [{**not_sent, "length": 5}], False)
    return Counted(1, 0)


def comparison(context: Context) -> Counted:
    good, capture = true_lines(), read_capture(records())
    total = compare.check_all(read_truth(good), capture)
    check_equal(total, Counted(2, 2 * len(CLIENT_SAYS + SERVER_SAYS)), "what was compared")
    for part, bad in [
        ("role is 'client', not 'server'", changed(good, 0, side="server")),
        ("remote is '2:2', not '2:3'", changed(good, 0, remote="2:3")),
        ("tls_version", changed(good, 0, version="TLS 1.2")),
        ("alpn is None, not 'h2'", changed(good, 0, alpn="h2")),
        ("server_name", changed(good, 0, sni="x")),
        ("resumed", changed(good, 0, resumed=True)),
        ("not captured", changed(good, 0, tls_conn="0xc3")),
        ("not captured", changed(good, 0, pid=8)),
        ("not captured (1 connections", good + good[:1]),
        ("no such connection", good[:1]),
        ("14 bytes, the target has 13", changed(good, 0, write=vars(Amount.of(CLIENT_SAYS[1:])))),
        ("with another hash", changed(good, 1, write=vars(Amount.of(SERVER_SAYS[::-1])))),
        ("no connection", []),
    ]:
        must_fail(part, lambda: compare.check_all(read_truth(bad), capture))
    wrong = changed(records(), 4, text=CLIENT_SAYS.decode().replace("server", "sorver"))
    must_fail("difference is at 8", compare.check_all, read_truth(good), read_capture(wrong))
    must_fail("bad_values", compare.check_all, read_truth(good), read_capture(changed(records(), 9, counters={"bad_values": 1})))
    check_equal(compare.first_difference(b"abc", b"ab"), "equal up to the end of the shorter one at 2, lengths 3 and 2", "")
    return total


def http1(context: Context) -> Counted:
    up = b"POST /a?b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n10\r\n" + b"x" * 16 + b"\r\n0\r\n\r\n"
    up += b"GET /c HTTP/1.1\r\nHost: x\r\n\r\n"
    down = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    check_equal(http_wire.requests(up), [http_wire.Message("POST /a?b", Amount.of(b"abc" + b"x" * 16)),
                                         http_wire.Message("GET /c", Amount.of(b""))], "requests")
    check_equal(http_wire.responses(down), [http_wire.Message("200", Amount.of(b"ok")),
                                            http_wire.Message("404", Amount.of(b""))], "responses")
    must_fail("cut off", http_wire.responses, down[:39])
    must_fail("no end of the head", http_wire.requests, up[:-2])
    must_fail("does not end", http_wire.requests, up.replace(b"abc", b"abcd"))
    return Counted(1, len(up + down))


def http2(context: Context) -> Counted:
    # RFC 7541, appendix C.4: three requests with Huffman codes and one table.
    blocks = ["828684418cf1e3c2e5f23a6ba0ab90f4ff", "828684be5886a8eb10649cbf", "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf"]
    decoder = hpack.Decoder()
    fields = [decoder.decode(bytes.fromhex(block)) for block in blocks]
    check_equal(fields[0], {":method": "GET", ":scheme": "http", ":path": "/", ":authority": "www.example.com"}, "first")
    check_equal(fields[1]["cache-control"], "no-cache", "second")
    check_equal((fields[2][":path"], fields[2]["custom-key"]), ("/index.html", "custom-value"), "third")
    must_fail("no entry", hpack.Decoder().decode, b"\xff\x20")

    def frame(kind: int, flags: int, number: int, payload: bytes) -> bytes:
        return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + number.to_bytes(4, "big") + payload

    first = bytes.fromhex(blocks[0])
    stream = http_wire.PREFACE + frame(4, 0, 0, b"")
    stream += frame(1, 0x20, 1, b"\0\0\0\0\x10" + first[:4]) + frame(9, 4, 1, first[4:])
    stream += frame(1, 4, 3, bytes.fromhex(blocks[1])) + frame(0, 0, 3, b"yz")
    stream += frame(0, 8, 1, b"\2abc\0\0") + frame(0, 1, 1, b"de")
    check_equal(http_wire.requests(stream), [http_wire.Message("GET /", Amount.of(b"abcde")),
                                             http_wire.Message("GET /", Amount.of(b"yz"))], "requests")
    check_equal(http_wire.responses(frame(1, 4, 1, b"\x88")), [http_wire.Message("200", Amount.of(b""))], "responses")
    must_fail("cut off", http_wire.requests, stream[:-1])
    must_fail("of type 32", http_wire.requests, stream + frame(32, 0, 1, b""))
    must_fail("was reset", http_wire.requests, stream + frame(3, 0, 1, b""))
    return Counted(1, len(stream))


def writers(context: Context) -> Counted:
    stream = b"w0 m0 n2\nabw1 m0 n1\ncw0 m1 n0\n"
    true, lines = true_lines(), records()
    parts = [Amount.of(b"w0 m0 n2\nabw0 m1 n0\n"), Amount.of(b"w1 m0 n1\nc")]
    true[0].update(unordered=True, writers=[vars(p) for p in parts], write={"bytes": len(stream), "sha256": ""})
    true[1].update(read=vars(Amount.of(stream)))
    lines[1].update(text=stream[:5].decode())
    lines[2].update(text=stream[5:].decode(), length=len(stream) - 5)

    def run(ordered: bool) -> None:
        compare.check_writers(compare.pairs(read_truth(true), read_capture(lines[:3] + lines[3:4], False)), ordered)

    run(True)
    lines[2].update(text=stream[5:].decode().replace("ab", "ba"))
    must_fail("with another hash", run, True)
    must_fail("what writer 0 wrote", run, False)
    return Counted(1, len(stream))


def cases() -> list[Case]:
    tests = [capture_rules, gap_rules, comparison, http1, http2, writers]
    return [Case(f"self-test/{test.__name__}", test) for test in tests]
