"""HTTP as it passed on a connection: enough of a parser to find each message's head and the hash of its body."""

import dataclasses

import hpack
from case import Failure
from truth import Amount

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, CONTINUATION = 0, 1, 3, 9
END_HEADERS, PADDED, PRIORITY = 0x4, 0x8, 0x20


@dataclasses.dataclass(frozen=True)
class Message:
    """A request or a response: start is "METHOD path" or the status code."""

    start: str
    body: Amount


def requests(stream: bytes) -> list[Message]:
    if stream.startswith(PREFACE):
        return [Message(f"{h[':method']} {h[':path']}", body) for h, body in _http2(stream[len(PREFACE) :])]
    return _http1(stream)


def responses(stream: bytes) -> list[Message]:
    if stream.startswith(b"HTTP/"):
        return _http1(stream)
    return [Message(h[":status"], body) for h, body in _http2(stream)]


# ---- HTTP/1.1 ----


def _http1(stream: bytes) -> list[Message]:
    messages, at = [], 0
    while at < len(stream):
        end = stream.find(b"\r\n\r\n", at)
        if end < 0:
            raise Failure(f"HTTP/1.1: no end of the head that begins at {at}: {stream[at:at + 80]!r}")
        first, *rest = stream[at:end].decode("latin-1").split("\r\n")
        words = first.split(" ")
        if len(words) < 3:
            raise Failure(f"HTTP/1.1: at {at} stands {first[:80]!r}")
        fields = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in rest)}
        if fields.get("transfer-encoding") == "chunked":
            body, at = _chunked(stream, end + 4)
        else:
            length = int(fields.get("content-length", 0))
            body, at = stream[end + 4 : end + 4 + length], end + 4 + length
            if at > len(stream):
                raise Failure(f"HTTP/1.1: the body of {first!r} is cut off: {len(body)} of {length} bytes")
        start = words[1] if first.startswith("HTTP/") else f"{words[0]} {words[1]}"
        messages.append(Message(start, Amount.of(body)))
    return messages


def _chunked(stream: bytes, at: int) -> tuple[bytes, int]:
    parts = []
    while True:
        end = stream.find(b"\r\n", at)
        if end < 0:
            raise Failure(f"HTTP/1.1: no chunk at {at}, the end of the stream")
        size = int(stream[at:end], 16)
        at = end + 2
        parts.append(stream[at : at + size])
        if stream[at + size : at + size + 2] != b"\r\n":
            raise Failure(f"HTTP/1.1: a chunk of {size} bytes does not end at {at + size}")
        at += size + 2
        if size == 0:
            return b"".join(parts), at


# ---- HTTP/2 ----


def _http2(stream: bytes) -> list[tuple[dict[str, str], Amount]]:
    """Heads and bodies, in the order of the streams' numbers."""
    decoder = hpack.Decoder()
    heads: dict[int, dict[str, str]] = {}
    bodies: dict[int, list[bytes]] = {}
    block, at = b"", 0
    while at < len(stream):
        length = int.from_bytes(stream[at : at + 3], "big")
        payload = stream[at + 9 : at + 9 + length]
        if len(stream) < at + 9 or len(payload) != length:
            raise Failure(f"HTTP/2: the frame at {at} is cut off: {len(payload)} of {length} bytes")
        kind, flags = stream[at + 3], stream[at + 4]
        number = int.from_bytes(stream[at + 5 : at + 9], "big") & 0x7FFFFFFF
        at += 9 + length
        if kind > CONTINUATION:
            raise Failure(f"HTTP/2: a frame of type {kind} at {at - 9 - length}")
        if kind == RST_STREAM:
            raise Failure(f"HTTP/2: stream {number} was reset")
        if kind == DATA:
            bodies.setdefault(number, []).append(_unpadded(payload, flags))
        elif kind in (HEADERS, CONTINUATION):
            if kind == HEADERS:
                payload = _unpadded(payload, flags)[5 if flags & PRIORITY else 0 :]
            block += payload
            if flags & END_HEADERS:
                fields, block = decoder.decode(block), b""
                heads.setdefault(number, fields)  # a second block is a trailer
    if set(bodies) - set(heads):
        raise Failure(f"HTTP/2: data on streams without a head: {sorted(set(bodies) - set(heads))}")
    return [(heads[n], Amount.of(b"".join(bodies.get(n, [])))) for n in sorted(heads)]


def _unpadded(payload: bytes, flags: int) -> bytes:
    if not flags & PADDED:
        return payload
    return payload[1 : len(payload) - payload[0]]
