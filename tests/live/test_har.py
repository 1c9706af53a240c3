"""The HAR output: valid by a schema made from the specification, and right."""

import base64
import collections
import contextlib
import json
import os
import pathlib
import signal
import subprocess

import compare_web
import service
import web_truth
from case import Case, Context, Counted, check, check_equal, poll
from service import WHOLE
from target import Target
from tracer import Tracer
from truth import Amount
from web_truth import WebExchange

SCHEMA = pathlib.Path(__file__).with_name("har.schema.json")


def read(path: pathlib.Path) -> list[dict]:
    """The entries of a valid file."""
    words = [service.tool("jsonschema", "python3-jsonschema"), "-i", str(path), str(SCHEMA)]
    checked = subprocess.run(words, capture_output=True, text=True, check=False)
    check_equal((checked.returncode, checked.stdout), (0, ""), f"what jsonschema says ({checked.stderr[-500:]})")
    return json.loads(path.read_text())["log"]["entries"]


def web(context: Context) -> Counted:
    file = context.file("web.har")
    log, _ = service.trace_whole(context, service.program(context, "web"), view=["-o", f"har:{file}", "--no-redact"])
    by_request: dict[tuple, list[dict]] = collections.defaultdict(list)
    for entry in read(file):
        by_request[entry["request"]["method"], entry["request"]["url"]].append(entry)
    total = Counted()
    truth = web_truth.load_web(log)
    for true in truth:
        url = true.path if true.path.startswith("https://") else f"https://{true.host}{true.path}"
        if true.method == "CONNECT" or not true.host:
            continue
        entries = by_request[true.method, url]
        check(len(entries) >= 2, f"{true}: {len(entries)} entries for {url}, not one a side")
        for entry in entries:
            total += _check_entry(true, entry)
    check_equal(sum(map(len, by_request.values())), 2 * len(truth), "the number of entries")
    return total


def _check_entry(true: WebExchange, entry: dict) -> Counted:
    what, request, response = f"{true}, its entry", entry["request"], entry["response"]
    check_equal(response["status"], true.status, f"{what}: status")
    def pairs(message: dict) -> list:
        return [(h["name"], h["value"]) for h in message["headers"] if not h["name"].startswith(":")]

    compare_web.check_fields(f"{what}: request headers", true.request_headers, pairs(request))
    query = true.path.partition("?")[2]
    check_equal(len(request["queryString"]), len([p for p in query.split("&") if p]), f"{what}: number of query parameters")
    check_equal(response["redirectURL"], "".join(true.response("location")), f"{what}: redirectURL")
    if true.request_body.bytes:
        check_equal(request["bodySize"], true.request_body.bytes, f"{what}: bodySize of the request")
    if true.cut or true.tunnel:
        return Counted()
    compare_web.check_fields(f"{what}: response headers", true.response_headers, pairs(response))
    check_equal(max(0, response["bodySize"]), true.response_body.bytes, f"{what}: bodySize of the response")
    content = response["content"]
    body = content.get("text", "").encode()
    if content.get("encoding") == "base64":
        body = base64.b64decode(body, validate=True)
    check_equal(content["size"], true.decoded.bytes, f"{what}: size of the content")
    if true.response("content-type") != ["text/plain; charset=iso-8859-1"]:  # that one may be shown in UTF-8
        check_equal(Amount.of(body), true.decoded, f"{what}: content")
    parts = [entry["timings"][name] for name in ("send", "wait", "receive")]
    check(abs(sum(parts) - entry["time"]) < 0.01, f"{what}: timings {parts} are not {entry['time']} in sum")
    return Counted(0, true.request_body.bytes + true.response_body.bytes)


def is_open(file: pathlib.Path) -> bool:
    """Some process has the file."""
    for link in pathlib.Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if os.readlink(link) == str(file):
                return True
    return False


def interrupted(context: Context) -> Counted:
    """gotls is killed amid the traffic: what it left is a valid file."""
    file = context.file("killed.har")
    traced = Target(context, context.binary(service.VERSION, "plain"), "soak-http")
    tracer = Tracer(context, [*WHOLE, "-o", f"har:{file}", "-p", traced.pid], what="exchanges").await_attached()
    traced.go()
    poll(lambda: file.exists() and file.stat().st_size > 100000, "some entries in the file")  # how many depends on their bodies
    tracer.process.signal(signal.SIGKILL)
    tracer.process.expect(-signal.SIGKILL)
    poll(lambda: not is_open(file), "the end of the last write")
    entries = read(file)
    check(entries, "no entries")
    check_equal({entry["response"]["status"] for entry in entries}, {200}, "statuses")
    traced.stop()
    traced.end()
    return Counted(4, file.stat().st_size)


def cases() -> list[Case]:
    return [Case("har/web", web), Case("har/killed", interrupted)]
