"""What tshark, which knows nothing of gotls, finds in a capture file."""

import collections
import dataclasses
import pathlib
import re
import subprocess
import typing
import xml.etree.ElementTree as xml

import service
from case import check_equal

CONTROL = bytes(set(range(32)) - set(b"\t\n\r"))
# The same bytes again and again, in hex: what is left of them is a tenth.
BULK = re.compile(rb'(<field name="(?:|data|data\.data|tcp\.[a-z_.]+|http\.chunk_data|http2\.body\.fragment)" .*?)(?: value="[0-9a-f]*"| show="[0-9a-f:]{500,}")+')
PROTOCOLS = "ip tcp http http2 grpc websocket"


@dataclasses.dataclass
class Seen:
    """A request and its response."""

    client: str
    stream: int  # of HTTP/2; the number of the exchange in HTTP/1.1
    method: str = ""
    host: str = ""
    path: str = ""
    status: int = 0
    request_headers: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    response_headers: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    request_body: bytes = b""  # without its content coding, where tshark knows that
    response_body: bytes = b""

    def __str__(self) -> str:
        return f"{self.method} {self.path[:80]} of {self.client}, stream {self.stream}, as tshark sees it"


@dataclasses.dataclass(frozen=True)
class Frame:
    """Of WebSocket."""

    client: str
    from_client: bool
    opcode: int
    fin: bool
    length: int


class Reading:
    """All that is in a file; `servers` are the addresses of those who are asked."""

    def __init__(self, path: pathlib.Path, servers: typing.Collection[str], options: typing.Sequence[str] = ()):
        self.servers = set(servers)
        self.exchanges: dict[tuple[str, int], Seen] = {}
        self.frames: list[Frame] = []
        self.protocols: dict[str, int] = collections.Counter()  # packets that hold them
        self._counts: dict[tuple[str, str], int] = collections.Counter()
        words = [service.tool("tshark", "tshark"), "-r", str(path), *options, "-T", "pdml", "-J", PROTOCOLS]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            parser = xml.XMLPullParser()
            for line in process.stdout:
                if len(line) > 2000:
                    line = BULK.sub(rb'\1', line)
                # tshark copies bytes of the traffic that XML can't hold.
                parser.feed(line.translate(None, CONTROL).decode(errors="replace"))
                for _, element in parser.read_events():
                    if element.tag == "packet":
                        self._packet(element)
                        element.clear()
            said = process.stderr.read().decode(errors="replace")
        check_equal(process.returncode, 0, f"exit code of tshark ({said.strip()[-300:]})")

    def all(self) -> list[Seen]:
        return list(self.exchanges.values())

    def _packet(self, packet: xml.Element) -> None:
        ends = None
        for protocol in packet:
            name = protocol.get("name")
            self.protocols[name] += 1
            if name == "tcp":
                ends = _ends(packet)
            elif ends is None:
                continue
            elif name == "http":
                self._http(protocol, *ends)
            elif name == "http2":
                for frame in _streams(protocol):
                    self._http2(frame, *ends)
            elif name == "websocket":
                self._websocket(protocol, *ends)

    def _exchange(self, client: str, stream: int) -> Seen:
        return self.exchanges.setdefault((client, stream), Seen(client, stream))

    # HTTP/1.1: the n-th request of a connection goes with the n-th response.
    def _http(self, protocol: xml.Element, source: str, target: str) -> None:
        method, status = _show(protocol, "http.request.method"), _show(protocol, "http.response.code")
        if not method and (not status or status.startswith("1") and status != "101"):
            return
        side = "request" if method else "response"
        client = source if method else target
        self._counts[client, side] += 1
        seen = self._exchange(client, self._counts[client, side])
        lines = [_text(field) for field in _all(protocol, f"http.{side}.line")]
        headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        body = _bytes(protocol, "http.file_data")
        if method:
            seen.method, seen.path, seen.request_headers, seen.request_body = method, _value(protocol, "http.request.uri"), headers, body
            seen.host = next((value for name, value in headers if name.lower() == "host"), "")
        else:
            seen.status, seen.response_headers, seen.response_body = int(status), headers, body

    def _http2(self, frame: xml.Element, source: str, target: str) -> None:
        number, kind = int(_show(frame, "http2.streamid") or 0), _show(frame, "http2.type")
        client = source if target in self.servers else target
        if number == 0:
            return
        seen, asks = self._exchange(client, number), client == source
        if kind == "0":
            # The last frame shows the whole body, put together and decoded, unless a trailer follows.
            pieces = [_raw(f) for name in ("http2.data.data", "http2.body.reassembled.data") for f in _all(frame, name)]
            longest = max(pieces, key=len, default=b"")
            before = b"" if _all(frame, "http2.body.reassembled.data") else seen.request_body if asks else seen.response_body
            setattr(seen, "request_body" if asks else "response_body", before + longest)
        headers = [(_value(h, "http2.header.name"), _value(h, "http2.header.value")) for h in _all(frame, "http2.header")]
        status = dict(headers).get(":status", "")
        if status.startswith("1"):
            return
        for name, value in headers:
            if name == ":method":
                seen.method = value
            elif name == ":path":
                seen.path = value
            elif name == ":authority":
                seen.host = value
            elif name == ":status":
                seen.status = int(value)
            elif not name.startswith(":"):
                (seen.request_headers if asks else seen.response_headers).append((name, value))

    def _websocket(self, protocol: xml.Element, source: str, target: str) -> None:
        client = source if target in self.servers else target
        length = _show(protocol, "websocket.payload_length") or "0"
        for name in ("websocket.payload_length_ext_64", "websocket.payload_length_ext_16"):
            length = _show(protocol, name) or length
        self.frames.append(Frame(client, client == source, int(_show(protocol, "websocket.opcode") or -1),
                                 _show(protocol, "websocket.fin") in ("1", "True"), int(length)))


def _ends(packet: xml.Element) -> tuple[str, str]:
    fields = {f.get("name"): f.get("show") for p in packet if p.get("name") in ("ip", "tcp") for f in p}
    return f"{fields.get('ip.src')}:{fields['tcp.srcport']}", f"{fields.get('ip.dst')}:{fields['tcp.dstport']}"


def _streams(protocol: xml.Element) -> list[xml.Element]:
    return [field for field in protocol.iter("field") if field.get("name") == "http2.stream"]


def _all(element: xml.Element, name: str) -> list[xml.Element]:
    return [field for field in element.iter("field") if field.get("name") == name]


def _show(element: xml.Element, name: str) -> str:
    return next((field.get("show", "") for field in _all(element, name)), "")


def _raw(field: xml.Element) -> bytes:
    return bytes.fromhex(field.get("value") or "")


def _bytes(element: xml.Element, name: str) -> bytes:
    return next((_raw(field) for field in _all(element, name)), b"")


def _text(field: xml.Element) -> str:
    # "show" may be cut off; "value" holds the bytes. In HTTP/2 these are compressed, so there it is of no use.
    return _raw(field).decode(errors="replace") or field.get("show", "")


def _value(element: xml.Element, name: str) -> str:
    return next((_text(field) for field in _all(element, name)), "")
