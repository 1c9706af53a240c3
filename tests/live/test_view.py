"""What people choose to see: filters, secrets that are hidden, text."""

import base64
import json
import pathlib
import re

import exchanges
import service
import web_truth
from case import Case, Context, Counted, Failure, check, check_equal
from service import WHOLE
from tracer import json_to, run_gotls
from web_truth import WebExchange

# Found by the rules that every output has.
BY_DEFAULT = {"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "X-Api-Key", "X-Auth-Token"}
RULES = ["--redact", "header:X-Mine", "--redact", "json:password", "--redact", "query:token", "--redact", r"regex:gotls-own-0[0-9a-f]+"]


def _record(context: Context) -> tuple[pathlib.Path, pathlib.Path]:
    """The log of a whole run, and its recording."""
    record = context.file("recording")
    log, _ = service.trace_whole(context, service.program(context, "web"), view=["-o", f"record:{record}"])
    return log, record


def _replay(context: Context, record: pathlib.Path, *words: object) -> bytes:
    process = run_gotls(context, ["replay", record, "--max-body", "16MiB", *words])
    process.expect(0)
    return process.out_path.read_bytes()


# ---- secrets ----


def _shown(secrets: dict[str, str], data: bytes) -> set[str]:
    """Which secrets can be read there, also by who undoes base64."""
    for word in re.findall(rb"[A-Za-z0-9+/]{40,}={0,2}", data):
        try:
            data += b"\n" + base64.b64decode(word + b"=" * (-len(word) % 4))
        except ValueError:
            continue
    return {where for where, value in secrets.items() if value.encode() in data}


def secrets(context: Context) -> Counted:
    """No decoded output shows what is to be hidden; without redaction each does, so that the test can fail."""
    log, record = _record(context)
    known = web_truth.load_secrets(log)
    check_equal(len(known), 10, "the number of secrets in the target's log")
    own, size = set(known) - BY_DEFAULT, 0
    outputs = {"text": ["-o", "text"], "text -v": ["-o", "text", "-v"], "text -vv": ["-o", "text", "-vv", "--pretty"],
               "json": ["-o", json_to("-", "exchanges")], "har": ["-o", "har:-"]}
    for name, words in outputs.items():
        whole = name in ("json", "har", "text -vv")
        bare = _replay(context, record, *words, "--no-redact")
        if whole:
            check_equal(_shown(known, bare), set(known), f"{name}: secrets shown with --no-redact")
        shown = _shown(known, _replay(context, record, *words))
        check_equal(shown & BY_DEFAULT, set(), f"{name}: secrets shown by default")
        if whole:
            check_equal(shown, own, f"{name}: what no default rule hides")
        data = _replay(context, record, *words, *RULES)
        check_equal(_shown(known, data), set(), f"{name}: secrets shown with rules for all of them")
        size += len(data)
    return Counted(0, size)


def secrets_live(context: Context) -> Counted:
    """The same while it happens, and what is not secret stays."""
    har, text = context.file("x.har"), context.file("x.text")
    view = ["-o", f"har:{har}", "-o", f"text:{text}", "-v", *RULES]
    log, tracer = service.trace_whole(context, service.program(context, "web"), view=view)
    known = web_truth.load_secrets(log)
    for path in (har, text, tracer.output):
        check_equal(_shown(known, path.read_bytes()), set(), f"{path.name}: secrets shown")
    said = tracer.process.stdout() + tracer.process.stderr()
    check_equal(_shown(known, said.encode()), set(), "secrets on the terminal")
    found = service.found(tracer).all
    marked = [e for e in found if {"authorization", "cookie", "x-api-key"} <= e.request.redacted]
    true = [e for e in web_truth.load_web(log) if e.label == "secrets"]
    check_equal(len(marked), 2 * len(true), "exchanges whose headers are marked as redacted")
    for exchange in marked:
        check_equal(exchange.request.redacted, {"authorization", "proxy-authorization", "cookie", "x-api-key", "x-auth-token", "x-mine"},
                    f"{exchange}: redacted request headers")
        check_equal(exchange.response.redacted, {"set-cookie"}, f"{exchange}: redacted response headers")
        check_equal((exchange.status, exchange.request.values("content-type")), (200, ["application/json"]), f"{exchange}: the rest")
        body = json.loads(exchange.request.body.content)
        check_equal(body["user"], "eve", f"{exchange}: the user in the body")
    return Counted(len({(e.role, e.client) for e in found}), har.stat().st_size)


# ---- filters ----

FILTERS = {
    "status >= 400": lambda e: e.status >= 400,
    "method == PUT": lambda e: e.method == "PUT",
    "method == 'GET' && status == 200": lambda e: e.method == "GET" and e.status == 200,
    "host == 'shop.example' || method == 'BREW'": lambda e: e.host == "shop.example:8443" or e.method == "BREW",
    "path ~ 'events'": lambda e: "events" in e.path,
    "!(method == 'GET')": lambda e: e.method != "GET",
}


def filtered(context: Context) -> Counted:
    """Of each filter, exactly what matches."""
    log, record = _record(context)
    truth = web_truth.load_web(log)
    total = 0
    for expression, matches in FILTERS.items():
        out = context.file(f"filtered{total}.json")
        _replay(context, record, "-o", json_to(out, "exchanges"), "--filter", expression)
        found = sorted((e.client, e.path or "", e.role) for e in exchanges.load(out).all)
        wanted = sorted((e.client, e.path, role) for e in truth if matches(e) for role in ("client", "server"))
        check(wanted, f"{expression}: nothing to be found")
        if found != wanted:
            odd = set(found) ^ set(wanted)
            raise Failure(f"{expression}: {len(found)} exchanges, not {len(wanted)}: {sorted(odd)[:3]}")
        total += len(found)
    bad = run_gotls(context, ["replay", record, "--filter", "status >= && x"])
    check_equal(bad.popen.returncode, 2, "exit code with a filter that is none")
    check("^" in bad.stderr() or "column" in bad.stderr(), f"no place named in {bad.stderr()!r}")
    empty = run_gotls(context, ["replay", record, "--filter", ""])
    check_equal(empty.popen.returncode, 2, "exit code with an empty filter, as from an unset variable")
    return Counted(total, 0)


# ---- text ----


def lines(context: Context) -> Counted:
    """One line an exchange, with what people look for."""
    log, record = _record(context)
    truth = [e for e in web_truth.load_web(log) if not e.cut]
    text = _replay(context, record, "-o", "text").decode()
    bad = sorted({c for c in text if ord(c) < 0x20 and c not in "\n\t" or ord(c) == 0x7F})
    check(not bad, f"the text has control characters {bad}")
    for true in truth:
        if true.tunnel:
            continue
        path = true.path.partition("?")[0]
        number = re.search(r"\bn=\d+$", true.path)
        mine = [line for line in text.splitlines() if number and re.search(rf"\b{number[0]}\b", line) and ("SSE" if true.events else true.method) in line]
        check(mine and all(str(true.status) in line and path.split("%")[0] in line for line in mine), f"{true}: its lines are {mine}")
    detailed = _replay(context, record, "-o", "text", "-v").decode()
    check(len(detailed) > 2 * len(text), "-v adds nothing")
    check("x-utf8: grün" in detailed.lower(), "-v shows no header of a response")
    return Counted(0, len(text) + len(detailed))


def headers_only(context: Context) -> Counted:
    """No bodies, and all the rest."""
    log, tracer = service.trace_whole(context, service.program(context, "web"), view=["--headers-only"])
    truth = web_truth.load_web(log)
    found = service.found(tracer).all
    check_equal(len(found), 2 * len(truth), "the number of exchanges")
    with_body = [str(e) for e in found if e.request.body.content or e.response.body.content]
    check(not with_body, f"exchanges with a body: {with_body[:3]}")
    wanted = sorted((e.client, e.method, e.path, e.status) for e in truth for _ in range(2))
    check_equal(sorted((e.client, e.method, e.path, e.status) for e in found), wanted, "what was seen")
    return Counted(len(found), 0)


def cases() -> list[Case]:
    return [Case("secrets/replayed", secrets), Case("secrets/live", secrets_live), Case("filters", filtered),
            Case("text-lines", lines), Case("headers-only", headers_only)]
