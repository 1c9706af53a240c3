"""HPACK (RFC 7541), the decoding half."""

from case import Failure

STATIC = [
    tuple(entry.split("=", 1)) if "=" in entry else (entry, "")
    for entry in (
        ":authority|:method=GET|:method=POST|:path=/|:path=/index.html|:scheme=http|:scheme=https|:status=200|:status=204|"
        ":status=206|:status=304|:status=400|:status=404|:status=500|accept-charset|accept-encoding=gzip, deflate|"
        "accept-language|accept-ranges|accept|access-control-allow-origin|age|allow|authorization|cache-control|"
        "content-disposition|content-encoding|content-language|content-length|content-location|content-range|content-type|"
        "cookie|date|etag|expect|expires|from|host|if-match|if-modified-since|if-none-match|if-range|if-unmodified-since|"
        "last-modified|link|location|max-forwards|proxy-authenticate|proxy-authorization|range|referer|refresh|retry-after|"
        "server|set-cookie|strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate"
    ).split("|")
]

# Lengths in bits of the codes of the bytes 0 to 255. The code is canonical, so they tell it all.
CODE_LENGTHS = [int(n) for n in """
13 23 28 28 28 28 28 28 28 24 30 28 28 30 28 28 28 28 28 28 28 28 30 28 28 28 28 28 28 28 28 28
6 10 10 12 13 6 8 11 10 10 8 11 8 6 6 6 5 5 5 6 6 6 6 6 6 6 7 8 15 6 12 10
13 6 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 8 7 8 13 19 13 14 6
15 5 6 5 6 5 6 6 6 5 7 7 6 6 6 5 6 7 6 5 5 6 7 7 7 7 7 15 11 14 13 28
20 22 20 20 22 22 22 23 22 23 23 23 23 23 24 23 24 24 22 23 24 23 23 23 23 21 22 23 22 23 23 24
22 21 20 22 22 23 23 21 23 22 22 24 21 22 23 23 21 21 22 21 23 22 23 23 20 22 22 22 23 22 22 23
26 26 20 19 22 23 22 25 26 26 26 27 27 26 24 25 19 21 26 27 27 26 27 24 21 21 26 26 28 27 27 27
20 24 20 21 22 21 21 23 22 22 25 25 24 24 26 23 26 27 26 26 27 27 27 27 27 28 27 27 27 27 27 26
""".split()]


def _codes() -> dict[tuple[int, int], int]:
    codes, code, last = {}, 0, 0
    for length, byte in sorted((length, byte) for byte, length in enumerate(CODE_LENGTHS)):
        code <<= length - last
        codes[length, code] = byte
        code, last = code + 1, length
    return codes


CODES = _codes()


def huffman(data: bytes) -> bytes:
    out, code, length = bytearray(), 0, 0
    for octet in data:
        for bit in range(7, -1, -1):
            code, length = code << 1 | octet >> bit & 1, length + 1
            byte = CODES.get((length, code))
            if byte is not None:
                out.append(byte)
                code = length = 0
    if length > 7 or code != (1 << length) - 1:
        raise Failure("HPACK: bad Huffman padding")
    return bytes(out)


class Decoder:
    """One direction of one HTTP/2 connection."""

    def __init__(self) -> None:
        self.table: list[tuple[str, str]] = []  # the newest entry first
        self.limit = 4096

    def decode(self, block: bytes) -> dict[str, str]:
        fields: dict[str, str] = {}
        at = 0
        while at < len(block):
            first = block[at]
            if first & 0x80:
                index, at = _integer(block, at, 7)
                name, value = self._entry(index)
            elif first & 0xE0 == 0x20:
                self.limit, at = _integer(block, at, 5)
                self._evict()
                continue
            else:
                kept = bool(first & 0x40)
                index, at = _integer(block, at, 6 if kept else 4)
                if index:
                    name = self._entry(index)[0]
                else:
                    name, at = _string(block, at)
                value, at = _string(block, at)
                if kept:
                    self.table.insert(0, (name, value))
                    self._evict()
            fields[name] = value
        return fields

    def _entry(self, index: int) -> tuple[str, str]:
        if 1 <= index <= len(STATIC):
            return STATIC[index - 1]
        if 0 < index - len(STATIC) <= len(self.table):
            return self.table[index - len(STATIC) - 1]
        raise Failure(f"HPACK: no entry {index}")

    def _evict(self) -> None:
        while sum(len(n) + len(v) + 32 for n, v in self.table) > self.limit:
            self.table.pop()


def _integer(block: bytes, at: int, bits: int) -> tuple[int, int]:
    value = block[at] & (1 << bits) - 1
    at += 1
    if value < (1 << bits) - 1:
        return value, at
    shift = 0
    while True:
        octet = block[at]
        at += 1
        value += (octet & 0x7F) << shift
        shift += 7
        if not octet & 0x80:
            return value, at


def _string(block: bytes, at: int) -> tuple[str, int]:
    coded = bool(block[at] & 0x80)
    length, at = _integer(block, at, 7)
    data = block[at : at + length]
    if len(data) != length:
        raise Failure("HPACK: a string goes beyond its block")
    return (huffman(data) if coded else data).decode("latin-1"), at + length
