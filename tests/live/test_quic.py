"""Streams of quic-go, beside crypto/tls in one program."""

import collections
import json
import pathlib

import compare
import truth
from case import Case, Context, Counted, check, check_equal
from tracer import LARGE, Tracer, run_gotls

# By the version of Go; that of quic-go in the target is another with each.
PACKAGES = {
    "1.19": "github.com/lucas-clemente/quic-go",
    "1.24": "github.com/quic-go/quic-go",
    "1.26": "github.com/quic-go/quic-go",
}
BINARIES = ["target", "stripped"]
SCENARIOS = {"ping-pong", "one-way", "parallel", "cancel", "deadline", "stack-buffer", "reuse"}


def load(log: pathlib.Path) -> tuple[truth.Truth, list[dict]]:
    """The connections of crypto/tls, and the directions of streams."""
    lines = log.read_text().splitlines()
    streams = [fields for fields in map(json.loads, lines) if fields["kind"] == "stream"]
    return truth.parse("\n".join(line for line in lines if json.loads(line)["kind"] != "stream")), streams


def captured(context: Context, version: str, binary: str, plan: str) -> Counted:
    """Each direction of each stream once, byte for byte, and what passes through crypto/tls too."""
    path, log = context.binary(version, "quic", binary), context.file("log")
    tracer = Tracer(context, [*LARGE, "--plan", plan, "--", path, "-log", log])
    capture = tracer.end()
    check("done" in tracer.process.stdout(), f"the target failed: {tracer.process.tail()}")
    true, streams = load(log)
    check_equal({s["scenario"] for s in streams}, SCENARIOS, "the scenarios in the target's log")
    check(len({s["object"] for s in streams}) < len(streams), "no stream's memory was used again")
    compare.check_counters(capture)
    quic = [c for c in capture.connections.values() if c.open["transport"] == "quic"]
    total = compare.check_pairs(compare.pairs(true, capture))
    check_equal(len(quic) + total.connections, len(capture.connections), "the connections that are streams or in the log")
    return total + streams_as_logged(streams, quic)


def streams_as_logged(streams: list[dict], quic: list) -> Counted:
    """An object's memory serves several streams one after the other, in an order that the log doesn't keep."""
    wanted = collections.Counter((s["object"], s["stream_id"], s["direction"], s["bytes"], s["sha256"]) for s in streams if s["bytes"])
    got: collections.Counter = collections.Counter()
    size = 0
    for one in quic:
        check_equal(one.open["role"], None, f"{one}: role")
        check(one.open["goroutine"], f"{one}: no goroutine")
        used = [(name, s) for name, s in (("read", one.read), ("write", one.write)) if s.next]
        check_equal(len(used), 1, f"{one}: directions")
        name, stream = used[0]
        check(not stream.gaps, f"{one}: {stream.missing()} bytes missing, first {stream.gaps[:1]}")
        got[one.tls_conn, one.open["stream_id"], name, stream.next, stream.sha256()] += 1
        size += one.size
    check_equal(sorted((got - wanted).elements()), [], "captured, but not in the target's log")
    check_equal(sorted((wanted - got).elements()), [], "in the target's log, but not captured")
    return Counted(len(quic), size)


def inspected(context: Context, version: str, plan: str) -> Counted:
    """quic-go has a plan of its own, behind that of crypto/tls."""
    process = run_gotls(context, ["inspect", "--json", "--plan", plan, context.binary(version, "quic", "stripped")])
    process.expect(0)
    found = json.loads(process.stdout())
    check_equal((found["package"], found["captures"]), ("crypto/tls", "tls"), "the package at the top")
    package = found["packages"][-1]
    check_equal((package["package"], package["captures"]), (PACKAGES[version], "quic-streams"), "the last package")
    for direction in ("read", "write"):
        kinds = {"classic"} if plan == "classic" else {"lean", "classic"}
        check(package[direction]["kind"] in kinds, f"{direction}: {package[direction]}")
    check(package["lifecycle"]["sites"], "nothing tells the end of a stream")
    return Counted()


def cases(level: str, versions: list[str], plans: list[str]) -> list[Case]:
    found = []
    for version in versions:
        if version not in PACKAGES:
            continue
        # Not all versions can have lean plans in both directions.
        for plan in ["classic" if plan == "classic" else "auto" for plan in plans]:
            for binary in BINARIES if level != "quick" else BINARIES[1:]:
                found.append(Case(f"quic/go{version}/{binary}/{plan}", captured, (version, binary, plan)))
            found.append(Case(f"quic/inspect/go{version}/{plan}", inspected, (version, plan)))
    return found
