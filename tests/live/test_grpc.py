"""gRPC, as exchanges with messages: what both ends of every call saw."""

import collections
import subprocess

import compare_web
import service
import web_truth
from case import Case, Context, Counted, Skip, check, check_equal
from exchanges import Exchange
from service import WHOLE, Service
from tracer import Tracer
from web_truth import Call

VERSIONS = ["1.19", "1.26"]
DESCRIPTION = "/usr/share/gocode/src/google.golang.org/grpc/test/grpc_testing/test.proto"


def whole(context: Context, version: str, plan: str) -> Counted:
    """Calls of all kinds, from their first byte."""
    log, tracer = service.trace_whole(context, service.program(context, "grpc", version), view=["--plan", plan, "--no-redact"])
    return compare_web.check_calls(web_truth.load_calls(log), service.found(tracer).all)


def joined(context: Context, version: str) -> Counted:
    """A connection that was used before gotls came: what it says is right, or it says that it does not know."""
    grpc = Service(context, service.program(context, "grpc", version), ["-late"])
    tracer = Tracer(context, [*WHOLE, "--no-redact", "-p", grpc.pid], what="exchanges").await_attached()
    grpc.go()
    calls = web_truth.load_calls(grpc.end())
    tracer.process.expect(0)
    before = {call.method for call in calls if not call.after}
    truth = [call for call in calls if call.after]
    ends: dict[str, list[Exchange]] = collections.defaultdict(list)
    for exchange in service.found(tracer).all:
        ends[exchange.role].append(exchange)
    total = Counted()
    for role in compare_web.ROLES:
        found = sorted(ends[role], key=lambda exchange: exchange.stream)
        check_equal(len(found), len(truth), f"exchanges as {role}")
        unknown = sum(_check_joined(true, got, true.method not in before) for true, got in zip(truth, found))
        check(unknown > 0, f"{role}: all was known; then nothing was joined in the middle")
        total += Counted(1, sum(a.bytes for call in truth for a in (*call.sent, *call.received)))
    return total


def _check_joined(true: Call, got: Exchange, new: bool) -> int:
    """`new`: its path was not sent before. Returns how much is not known of it."""
    what, rpc = f"{true}, {got}", got.rpc or {}
    service_name, method = true.method[1:].split("/")
    names = {"path": true.method}
    said = {"path": got.path}
    if got.rpc is not None:  # a content-type that was sent before leaves open whether it is gRPC
        names |= {"service": service_name, "method": method}
        said |= {"service": rpc.get("service") or None, "method": rpc.get("method") or None}
    known = compare_web.check_joined(what, names, said, new)
    # The trailer's names were sent before, whatever the call.
    said = {"status": rpc.get("status"), "http": got.status}
    known += compare_web.check_joined(what, {"status": true.code, "http": 200}, said, new=False)
    for name, value in true.metadata:
        if name == "x-after":
            check_equal(got.request.values(name), [value], f"{what}: {name}")
    check_equal(got.state, "complete", f"{what}: state")
    if got.application == "grpc":
        compare_web.check_messages(f"{what}, sent", got.of(True), true.sent, cut=False)
        compare_web.check_messages(f"{what}, received", got.of(False), true.received, cut=False)
    return len(names) + len(said) - known


def with_names(context: Context) -> Counted:
    """--proto: messages with the names of their types and fields."""
    protoc = service.tool("protoc", "protobuf-compiler")
    described = context.file("test.pb")
    folder, _, name = DESCRIPTION.rpartition("/")
    made = subprocess.run([protoc, "-I", folder, "--include_imports", f"--descriptor_set_out={described}", name],
                          capture_output=True, text=True, check=False)
    if made.returncode:
        raise Skip(f"protoc makes no descriptor set: {made.stderr.strip()}")
    log, tracer = service.trace_whole(context, service.program(context, "grpc"), view=["--proto", described, "--no-redact"])
    found = service.found(tracer).all
    total = compare_web.check_calls(web_truth.load_calls(log), found)
    types = {
        "UnaryCall": ("SimpleRequest", "SimpleResponse"), "EmptyCall": ("Empty", "Empty"),
        "StreamingOutputCall": ("StreamingOutputCallRequest", "StreamingOutputCallResponse"),
        "StreamingInputCall": ("StreamingInputCallRequest", "StreamingInputCallResponse"),
        "FullDuplexCall": ("StreamingOutputCallRequest", "StreamingOutputCallResponse"),
    }
    for exchange in found:
        for message in exchange.messages:
            names = types.get(exchange.rpc["method"])
            wanted = f"grpc.testing.{names[0 if message.from_client else 1]}" if names else None
            check_equal(message.name, wanted, f"{exchange}, message {message.number}: its type")
    texts = [m.fields or "" for e in found if e.rpc["method"] == "UnaryCall" for m in e.of(False)]
    check(texts and any("username" in t and "zoë" in t for t in texts), f"no answer shows its username: {texts[:2]}")
    return total


def cases(level: str, plans: list[str]) -> list[Case]:
    versions = VERSIONS[1:] if level == "quick" else VERSIONS
    found = [Case(f"grpc/go{v}/{p}", whole, (v, p)) for v in versions for p in plans]
    found += [Case(f"grpc-joined/go{v}", joined, (v,)) for v in versions]
    return [*found, Case("grpc-names", with_names)]
