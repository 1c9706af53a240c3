"""HTTP/1.1 and HTTP/2 of the standard library, as exchanges: both ends of every request against what they themselves saw."""

import collections
import re

import compare_web
import exchanges
import go_program
import service
import web_truth
from case import Case, Context, Counted, Failure, check, check_equal
from exchanges import Exchange
from service import VERSION, WHOLE, Service
from tracer import Tracer, json_to, run_gotls
from web_truth import WebExchange


def whole(context: Context, version: str, plan: str, options: tuple[str, ...] = ()) -> Counted:
    """Everything that the target does, from its first byte."""
    log, tracer = service.trace_whole(context, service.program(context, "web", version), options, ["--plan", plan, "--no-redact"])
    return compare_web.check_web(web_truth.load_web(log), service.found(tracer).all)


def replayed(context: Context) -> Counted:
    """A recording gives the same exchanges as the live session, to the byte."""
    record, again = context.file("recording"), context.file("again.json")
    log, tracer = service.trace_whole(context, service.program(context, "web"), view=["-o", f"record:{record}", "--no-redact"])
    run_gotls(context, ["replay", record, "--max-body", "16MiB", "--no-redact", "-o", json_to(again, "exchanges")]).expect(0)
    check(tracer.output.read_bytes() == again.read_bytes(), "the replay differs from the live output")
    return compare_web.check_web(web_truth.load_web(log), exchanges.load(again).all)


def answered(context: Context, plan: str) -> Counted:
    """Responses that are read before the Write of their request returns."""
    program = go_program.build(context, "answered", VERSION)
    tracer = Tracer(context, [*WHOLE, "--plan", plan, "--", program, "500"], what="exchanges")
    tracer.process.expect(0)
    told = tracer.process.stdout().split("\n")
    found = service.found(tracer)
    for role in compare_web.ROLES:
        seen = [f"{e.method} {e.path} {e.status} {e.response.body.amount().bytes}"
                for e in sorted(found.all, key=lambda e: e.stream) if e.role == role and e.state == "complete"]
        check_equal(seen, told[-4:-1], f"the exchanges of the {role}")
    check_equal(len(found.all), 6, "exchanges")
    check_equal(found.summary["counters"]["decode_joined_connections"], 0, "connections joined in the middle")
    return Counted(2, sum(e.response.body.wire_bytes for e in found.all))


# ---- joined in mid-life ----


def joined(context: Context, version: str) -> Counted:
    """Connections that were open, and used, before gotls came: what it says is right, or it says that it does not know."""
    web = Service(context, service.program(context, "web", version), ["-late"])
    tracer = Tracer(context, [*WHOLE, "--no-redact", "-p", web.pid], what="exchanges").await_attached()
    web.go()
    truth = [e for e in web_truth.load_web(web.end()) if e.after]
    tracer.process.expect(0)
    ends: dict[tuple, list[Exchange]] = collections.defaultdict(list)
    for exchange in service.found(tracer).all:
        ends[exchange.role, exchange.client].append(exchange)
    wanted: dict[str, list[WebExchange]] = collections.defaultdict(list)
    for true in truth:
        wanted[true.client].append(true)
    total = Counted()
    for client, trues in wanted.items():
        for role in compare_web.ROLES:
            total += _joined_end(f"{role} of {trues[0].proto}, {client}", trues, ends[role, client])
    return total


def _joined_end(what: str, truth: list[WebExchange], found: list[Exchange]) -> Counted:
    """One request after the other: the last ones are those of the truth, in the same order."""
    found = sorted(found, key=lambda exchange: exchange.stream)
    # The request that was under way is an exchange of its own, of which next to nothing can be known.
    check(0 <= len(found) - len(truth) <= 1, f"{what}: {len(found)} exchanges, not {len(truth)}")
    for extra in found[: len(found) - len(truth)]:
        known = {"method": extra.method, "path": extra.path, "status": extra.status}
        compare_web.check_joined(f"{what}, the one under way", {"method": "GET", "path": None, "status": 200}, known, False)
    unknown = 0
    for true, got in zip(truth, found[len(found) - len(truth) :]):
        where, new = f"{what}, {true}, {got}", true.label == "new" or true.proto == "HTTP/1.1"
        said = {"method": got.method, "path": got.path, "status": got.status, "host": got.host}
        right = {"method": true.method, "path": true.path, "status": true.status, "host": true.host}
        if new and true.proto != "HTTP/1.1":
            said.pop("host"), right.pop("host")  # was sent before, and is referred to
        unknown += len(right) - compare_web.check_joined(where, right, said, new)
        _check_known_fields(where, true, got)
        for half, name, wire, decoded in ((got.request, "request", true.request_body, true.request_body),
                                          (got.response, "response", true.response_body, true.decoded)):
            # A field that is not known may be the content-encoding: then the content can't be.
            if half.body.problem != "content-encoding is not known":
                compare_web.check_body(f"{where}: {name} body", half.body, wire, decoded)
        check_equal(got.state, "complete", f"{where}: state")
    if truth[0].proto == "HTTP/2.0":
        check(unknown > 0, f"{what}: all was known; then nothing was joined in the middle")
    return Counted(1, sum(t.request_body.bytes + t.response_body.bytes for t in truth))


def _check_known_fields(where: str, true: WebExchange, got: Exchange) -> None:
    for half, fields in ((got.request, true.request_headers), (got.response, [*true.response_headers, *true.response_trailers])):
        wanted = {(name.lower(), value) for name, value in fields}
        names = {name for name, _ in wanted}
        for name, value in [*half.headers, *half.trailers]:
            if name is None or value is None or name.lower() in compare_web.KEPT:
                continue
            if name.lower() in names:
                check((name.lower(), value) in wanted, f"{where}: {name} is {value!r}, which nobody sent")


# ---- peers of other makes ----


def curl(context: Context) -> Counted:
    """A server, with curl as its client."""
    curl = service.tool("curl", "curl")
    server = Service(context, service.program(context, "web"), ["-role", "server"])
    tracer = Tracer(context, [*WHOLE, "--no-redact", "-p", server.pid], what="exchanges").await_attached()
    base, upload = f"https://{server.address}", context.file("upload")
    upload.write_bytes(b"curl's own words\n" * 5000)
    wanted = []
    for version in ("--http1.1", "--http2"):
        for number, words in enumerate((["/any?down=100"], ["/any?type=text&down=9000&coding=gzip", "--compressed"],
                                        ["/any?down=10", "-T", str(upload)], ["/any?down=10", "-F", f"file=@{upload}"],
                                        ["/any?status=404&down=3", "-I"], ["/any?down=10", "-d", "a=b", "-H", "Expect: 100-continue"])):
            path = f"{words[0]}&n={number}{version[-1]}"
            context.start([curl, "-sk", version, "-o", "/dev/null", base + path, *words[1:]], "curl").expect(0)
            wanted.append((version[-1], path))
    log = server.end()
    tracer.process.expect(0)
    truth = {line["path"]: line for line in web_truth.lines(log, "exchange")}
    found = {exchange.path: exchange for exchange in service.found(tracer).all}
    check_equal(sorted(found), sorted(path for _, path in wanted), "paths")
    for version, path in wanted:
        got, line = found[path], truth[path]
        check_equal((got.method, got.status, got.state), (line["method"], line["status"], "complete"), f"{got}: method, status, state")
        check_equal(got.version, {"1": "HTTP/1.1", "2": "HTTP/2"}[version], f"{got}: version")
        compare_web.check_fields(f"{got}: request", web_truth.fields(line, "request_headers"), got.request.headers)
        check_equal(got.request.body.amount(), web_truth.Amount.parse(line["request_body"]), f"{got}: request body")
        check_equal(got.response.body.wire_bytes, line["response_body"]["bytes"], f"{got}: response body")
    return Counted(len(wanted), sum(line["response_body"]["bytes"] for line in truth.values()))


def push(context: Context) -> Counted:
    """A server that promises; nghttp takes it."""
    nghttp = service.tool("nghttp", "nghttp2-client")
    server = Service(context, service.program(context, "web"), ["-role", "server"])
    tracer = Tracer(context, [*WHOLE, "--no-redact", "-p", server.pid], what="exchanges").await_attached()
    context.start([nghttp, "-n", f"https://{server.address}/push"], "nghttp").expect(0)
    server.end()
    tracer.process.expect(0)
    found = {exchange.path: exchange for exchange in service.found(tracer).all}
    check_equal(sorted(found), ["/push", "/pushed?down=1000&type=text"], "paths")
    asked, pushed = found["/push"], found["/pushed?down=1000&type=text"]
    check_equal((asked.pushed, pushed.pushed), (False, True), "which was pushed")
    check_equal((pushed.method, pushed.status, pushed.state), ("GET", 200, "complete"), "what was pushed")
    check(pushed.stream % 2 == 0 and asked.stream % 2 == 1, f"streams {asked.stream}, {pushed.stream}")
    check(1000 - 3 <= pushed.response.body.wire_bytes <= 1000, f"{pushed.response.body.wire_bytes} bytes were pushed")
    return Counted(1, pushed.response.body.wire_bytes)


def load(context: Context, protocol: str) -> Counted:
    """Thousands of requests, many at once: each is seen, once."""
    h2load = service.tool("h2load", "nghttp2-client")
    server = Service(context, service.program(context, "web"), ["-role", "server"])
    tracer = Tracer(context, ["--ring", "256MiB", "-p", server.pid], what="exchanges").await_attached()
    words = ["--h1"] if protocol == "http/1.1" else ["-m", "20"]
    many = context.start([h2load, "-n", "3000", "-c", "6", *words, f"https://{server.address}/any?down=500&n=5"], "h2load")
    many.expect(0)
    said = re.search(r"status codes: (\d+) 2xx", many.stdout())
    check(said and said[1] == "3000", f"h2load says {many.stdout()[-500:]}")
    server.end()
    tracer.process.expect(0)
    found = service.found(tracer).all
    check_equal(len(found), 3000, "the number of exchanges")
    kinds = collections.Counter((e.path, e.status, e.state, e.response.body.wire_bytes) for e in found)
    check_equal(kinds, {("/any?down=500&n=5", 200, "complete", 500): 3000}, "what was seen")
    compare_web.check_streams(found)
    return Counted(6, 3000 * 500)


def cases(level: str, versions: list[str], plans: list[str]) -> list[Case]:
    few = [v for v in versions if v in ("1.15", "1.27")]
    found = []
    for plan in plans:
        chosen = versions if plan == "lean" and level != "quick" else few
        found += [Case(f"http/go{v}/{plan}", whole, (v, plan)) for v in chosen]
    found += [Case(f"http-joined/go{v}", joined, (v,)) for v in (few if level == "quick" else versions)]
    if level != "quick":
        found.append(Case("http/tls1.2", whole, (VERSION, "auto", ("-tls", "1.2"))))
    found += [Case(f"http-answered/{plan}", answered, (plan,)) for plan in plans]
    found += [Case("http-replay", replayed), Case("http-curl", curl), Case("http-push", push)]
    found += [Case(f"http-load/{p}", load, (p,)) for p in ("http/1.1", "h2")]
    return found
