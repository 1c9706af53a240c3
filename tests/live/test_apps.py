"""Debian's own Go programs, untouched: gotls sees the requests that were made of them, and by them."""

import collections
import json
import pathlib
import re
import socket
import subprocess

import service
from case import Case, Context, Counted, Process, check, check_equal, poll
from exchanges import Exchange
from service import WHOLE
from tracer import Tracer


def certificate(context: Context) -> tuple[pathlib.Path, pathlib.Path]:
    """A certificate for localhost, and its key."""
    pem, key = context.file("cert.pem"), context.file("key.pem")
    made = subprocess.run(
        [service.tool("openssl", "openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-keyout", key, "-out", pem, "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-addext", "extendedKeyUsage=serverAuth,clientAuth"], capture_output=True, text=True, check=False)
    check_equal(made.returncode, 0, f"exit code of openssl ({made.stderr[-300:]})")
    return pem, key


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def run(context: Context, *words: object) -> Process:
    process = context.start(list(words), pathlib.Path(str(words[0])).name)
    process.expect(0)
    return process


# ---- caddy ----


def start_caddy(context: Context) -> tuple[Process, int]:
    caddy, (pem, key), port = service.tool("caddy", "caddy"), certificate(context), free_port()
    site = context.file("site")
    (site / "deep").mkdir(parents=True)
    (site / "index.html").write_text("<p>hello\n")
    for number in range(5):
        (site / "deep" / f"{number}.txt").write_text(f"file {number}\n" * 20000 * number)
    context.file("Caddyfile").write_text(f"""{{
        admin off
        auto_https off
        http_port {free_port()}
    }}
    https://localhost:{port}, https://127.0.0.1:{port} {{
        tls {pem} {key}
        root * {site}
        encode zstd gzip
        file_server browse
        respond /teapot "short and stout" 418
        log {{
            output file {context.file("access.log")}
            format json
        }}
    }}
""")
    words = ["env", f"HOME={context.folder}", f"XDG_DATA_HOME={context.folder}", f"XDG_CONFIG_HOME={context.folder}", caddy, "run",
             "--config", context.file("Caddyfile"), "--adapter", "caddyfile"]
    process = context.start(words, "caddy")
    process.await_text("serving initial configuration", "stderr")
    return process, port


def _access_log(context: Context) -> list[dict]:
    path = context.file("access.log")
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _as_logged(line: dict) -> tuple:
    q = line["request"]
    return f"{q['remote_ip']}:{q['remote_port']}", q["proto"].replace("HTTP/2.0", "HTTP/2"), q["method"], q["host"], q["uri"], line["status"]


def _as_seen(e: Exchange) -> tuple:
    return e.client, e.version, e.method, e.host, e.path, e.status


def caddy(context: Context) -> Counted:
    """A web server with curl and h2load as its clients: what it logs is what gotls shows."""
    process, port = start_caddy(context)
    tracer = Tracer(context, [*WHOLE, "--no-redact", "-p", process.pid], what="exchanges").await_attached()
    base, asked = f"https://localhost:{port}", 0
    for version in ("--http1.1", "--http2"):
        for words in (["/", "/deep/1.txt", "/deep/4.txt"], ["/teapot"], ["/nothing/here"], ["/deep/"],
                      ["/deep/2.txt", "-H", "Accept-Encoding: gzip"], ["/deep/2.txt", "-H", "Accept-Encoding: zstd"],
                      ["/deep/3.txt", "-r", "100-199"], ["/deep/3.txt", "-I"]):
            paths = [word for word in words if word.startswith("/")]
            options = words[len(paths) :]
            run(context, service.tool("curl", "curl"), "-sk", version, *options, *(w for p in paths for w in (base + p, "-o", "/dev/null")))
            asked += len(paths)
    for words in (["--h1"], ["-m", "10"]):
        run(context, service.tool("h2load", "nghttp2-client"), "-n", "300", "-c", "3", *words, f"{base}/deep/1.txt")
        asked += 300
    poll(lambda: len(_access_log(context)) >= asked, f"{asked} lines in caddy's log")
    process.signal(2)
    process.expect(0)
    tracer.process.expect(0)
    logged, found = _access_log(context), service.found(tracer).all
    check_equal(len(logged), asked, "lines in caddy's log")
    odd = collections.Counter(map(_as_logged, logged))
    odd.subtract(collections.Counter(map(_as_seen, found)))
    odd = {key: count for key, count in odd.items() if count}
    check(not odd, f"logged (+) or seen (-) alone: {list(odd.items())[:5]}")
    sizes = collections.defaultdict(list)
    for line in logged:
        sizes[_as_logged(line)].append(line["size"])
    for exchange in found:
        _check_file(context, exchange, sizes[_as_seen(exchange)])
    return Counted(len({e.client for e in found}), sum(e.response.body.wire_bytes for e in found))


def _check_file(context: Context, exchange: Exchange, sizes: list[int]) -> None:
    check_equal((exchange.role, exchange.state, exchange.detail), ("server", "complete", None), f"{exchange}: role, state, detail")
    body = exchange.response.body
    if exchange.method != "HEAD":
        check(body.wire_bytes in sizes, f"{exchange}: {body.wire_bytes} bytes, caddy logged {sizes[:3]}")
    file = context.file("site") / exchange.path[1:]
    if exchange.status == 200 and exchange.method == "GET" and file.is_file():
        check(not body.truncated and body.content == file.read_bytes(), f"{exchange}: not the file ({body.decoded_bytes} bytes, {body.problem})")


# ---- rclone ----


def rclone(context: Context) -> Counted:
    """A client: what it asks caddy for."""
    rclone = service.tool("rclone", "rclone")
    process, port = start_caddy(context)
    copy = context.file("copy")
    words = ["env", f"HOME={context.folder}", rclone, "copy", "--no-check-certificate", "--http-url", f"https://localhost:{port}/deep/",
             ":http:", copy]
    tracer = Tracer(context, [*WHOLE, "--no-redact", "--", *words], what="exchanges")
    tracer.process.expect(0)
    process.signal(2)
    process.expect(0)
    found = service.found(tracer).all
    check_equal(collections.Counter(map(_as_seen, found)), collections.Counter(map(_as_logged, _access_log(context))), "requests")
    files = {e.path: e for e in found if e.method == "GET" and e.path.endswith(".txt")}
    check_equal(len(files), 5, "the number of files")
    for path, exchange in files.items():
        check_equal((exchange.role, exchange.state), ("client", "complete"), f"{exchange}: role and state")
        content = (copy / pathlib.Path(path).name).read_bytes()
        check(exchange.response.body.content == content, f"{exchange}: not the file that rclone wrote")
    return Counted(len({e.client for e in found}), sum(e.response.body.wire_bytes for e in found))


# ---- etcd ----


def _field(number: int, value: bytes) -> bytes:
    """Of a protobuf message, shorter than 128 bytes."""
    return bytes([number << 3 | 2, len(value)]) + value


def etcd(context: Context) -> Counted:
    """A gRPC service and its client, both untouched: each call, its bytes, and the service's own count of them."""
    etcd, etcdctl = service.tool("etcd", "etcd-server"), service.tool("etcdctl", "etcd-client")
    (pem, key), port, peer = certificate(context), free_port(), free_port()
    base = f"https://127.0.0.1:{port}"
    process = context.start(
        [etcd, "--data-dir", context.file("data"), "--cert-file", pem, "--key-file", key, "--listen-client-urls", base,
         "--advertise-client-urls", base, "--listen-peer-urls", f"http://127.0.0.1:{peer}", "--initial-advertise-peer-urls",
         f"http://127.0.0.1:{peer}", "--initial-cluster", f"default=http://127.0.0.1:{peer}"], "etcd")
    process.await_text("ready to serve client requests", "stderr")
    tracer = Tracer(context, [*WHOLE, "--no-redact", "--exe", etcd, "--exe", etcdctl], what="exchanges").await_attached()
    control = ["env", "ETCDCTL_API=3", etcdctl, "--endpoints", base, "--cacert", str(pem)]
    pairs = {f"key/{i}": f"the value of {i}, größer" for i in range(5)}
    for name, value in pairs.items():
        run(context, *control, "put", name, value)
    for name, value in pairs.items():
        check(value in run(context, *control, "get", name).stdout(), f"etcdctl does not get {name}")
    run(context, *control, "del", "key/0")
    run(context, *control, "member", "list")
    failed = context.start([*control, "user", "get", "nobody"], "etcdctl")
    check(failed.wait() != 0, "etcdctl found a user that is not there")
    metrics = run(context, service.tool("curl", "curl"), "-sk", "--http1.1", f"{base}/metrics").stdout()
    process.signal(15)
    process.wait()
    tracer.stop()
    return _check_etcd(service.found(tracer).all, pairs, metrics)


def _check_etcd(found: list[Exchange], pairs: dict[str, str], metrics: str) -> Counted:
    calls = [e for e in found if e.application == "grpc" and e.state != "closed"]
    for role in ("client", "server"):
        mine = [e for e in calls if e.role == role]
        put = [e.of(True)[0].body.content for e in mine if e.path == "/etcdserverpb.KV/Put"]
        wanted = [_field(1, name.encode()) + _field(2, value.encode()) for name, value in pairs.items()]
        check_equal(sorted(put), sorted(wanted), f"{role}: messages of Put")
        got = [e for e in mine if e.path == "/etcdserverpb.KV/Range"]
        check_equal(sorted(e.of(True)[0].body.content for e in got), sorted(_field(1, name.encode()) for name in pairs), f"{role}: messages of Range")
        for exchange in got:
            check(any(value.encode() in exchange.of(False)[0].body.content for value in pairs.values()), f"{exchange}: no value in its answer")
        check_equal({e.rpc["status"] for e in mine if e.path.startswith("/etcdserverpb.KV/")}, {0}, f"{role}: statuses of KV")
        failed = [e for e in mine if e.path == "/etcdserverpb.Auth/UserGet"]
        check(failed and all(e.rpc["status"] for e in failed), f"{role}: the call that failed is {[e.rpc for e in failed]}")
    counted = {}
    for line in metrics.splitlines():
        match = re.match(r'grpc_server_handled_total\{grpc_code="(\w+)",grpc_method="(\w+)",grpc_service="([\w.]+)".*\} ([1-9]\d*)$', line)
        if match:
            counted[f"/{match[3]}/{match[2]}"] = counted.get(f"/{match[3]}/{match[2]}", 0) + int(match[4])
    check(counted, "etcd counts no call")
    seen = collections.Counter(e.path for e in calls if e.role == "server")
    check_equal(dict(seen), counted, "calls by method, against etcd's own count")
    metric = [e for e in found if e.path == "/metrics"]
    check_equal([(e.version, e.status, e.state) for e in metric], [("HTTP/1.1", 200, "complete")], "the request for the metrics")
    check(metric[0].response.body.amount() and metrics.encode() == metric[0].response.body.content, "the metrics are others")
    return Counted(len({(e.role, e.client) for e in found}), sum(m.body.wire_bytes for e in calls for m in e.messages))


def cases() -> list[Case]:
    return [Case("debian/caddy", caddy), Case("debian/rclone", rclone), Case("debian/etcd", etcd, alone=True)]
