"""How gotls and its targets end: neither harms the other."""

import signal
import subprocess

import compare
import go_program
import http_wire
from capture import Capture, Captured
from case import Case, Context, Counted, Failure, check, check_equal, exe_of, poll
from probes import Text
from target import Target, arguments
from tracer import LARGE, Tracer
from truth import Amount, load

VERSION = "1.26"


def tracer_ends(context: Context, number: int, flavour: str, plan: str) -> Counted:
    """gotls ends amid the traffic, by force or not: the target keeps nothing of it, and can be traced again."""
    binary = context.private_copy(VERSION, flavour, "gotls-ends")
    traced = Target(context, binary, "soak")
    text = Text.of(context, traced.pid, binary, plan)
    check_equal(text.changed(), 0, "changed places before any probe")
    tracer = Tracer(context, ["--plan", plan, *LARGE, "-p", traced.pid]).await_attached()
    traced.go()
    poll(lambda: tracer.chunks_so_far() > 100, "chunks")
    check_equal(text.changed(), len(text.places), "probed places")
    tracer.process.signal(number)
    tracer.process.expect(0 if number != signal.SIGKILL else -number)
    poll(lambda: text.changed() == 0, "the probes to vanish")
    capture = tracer.capture() if number != signal.SIGKILL else None
    again = Tracer(context, ["--plan", plan, *LARGE, "--count", "50", "-p", traced.pid], "again").end()
    check_equal(again.chunks, 50, "chunks afterwards")
    poll(lambda: text.changed() == 0, "the probes to vanish again")
    traced.stop()
    true = traced.end()
    check_equal(len(true.connections), 8, "connections in the target's log")
    check(not any(c.error for c in true.connections), "an error in the target's log")
    if capture is None:
        return Counted(8, again.summary["read"]["bytes"] + again.summary["write"]["bytes"])
    total = Counted()
    for end, captured in compare.pairs(true, capture):
        check_equal(captured.close["reason"], "detached", f"{captured}: why it ended")
        total += check_beginning(captured, capture)
    return total


def check_beginning(captured: Captured, capture: Capture) -> Counted:
    """Captured from its first byte, and cut off somewhere: what was read is the beginning of what was written."""
    for stream in (captured.read, captured.write):
        check(not stream.gaps, f"{captured}: {stream.missing()} bytes missing")
    here, there = captured.open["local"], captured.open["remote"]
    ends = [c for c in capture.connections.values() if (c.open["local"], c.open["remote"]) == (there, here)]
    check_equal(len(ends), 1, f"{captured}: number of other ends")
    read, written = captured.read.bytes(), ends[0].write.bytes()
    # Write is seen when it begins (lean) or ends (classic): the reader may be ahead of it by one message.
    size = min(len(read), len(written))
    if read[:size] != written[:size]:
        raise Failure(f"{captured}: {compare.first_difference(read, written)}")
    check(size > 1000, f"{captured}: only {size} bytes")
    return Counted(1, captured.size)


def target_dies(context: Context, plan: str) -> Counted:
    traced = Target(context, context.binary(VERSION, "plain"), "soak")
    tracer = Tracer(context, ["--plan", plan, *LARGE, "-p", traced.pid]).await_attached()
    traced.go()
    poll(lambda: tracer.chunks_so_far() > 200, "chunks")
    traced.process.signal(signal.SIGKILL)
    capture = tracer.end()
    check_equal(len(capture.connections), 8, "the number of connections")
    total = Counted()
    for captured in capture.connections.values():
        check_equal(captured.close["reason"], "process_exit", f"{captured}: why it ended")
        total += check_beginning(captured, capture)
    return total


def target_execs(context: Context, plan: str, late: bool) -> Counted:
    """A traced process becomes another program: its connections end, and the new ones are seen. When gotls is `late` it
    reads of them when the process is two programs further."""
    program = str(go_program.build(context, "exec", VERSION))
    binary = context.private_copy("1.24", "plain", "gotls-next")
    log, start = context.file("log"), context.file("start")
    words = arguments(binary, "raw", log, ["-start-file", str(start)])
    process = context.start([program, "one", program, "two", *words], "exec", subprocess.PIPE)
    process.await_text("ready ")
    tracer = Tracer(context, ["--plan", plan, *LARGE, "-p", process.pid]).await_attached()
    if late:
        tracer.process.signal(signal.SIGSTOP)
    process.write_line()
    process.await_text("ready ", times=2)
    process.write_line()
    if late:
        poll(lambda: exe_of(process.pid) == str(binary), "the last program")
        tracer.process.signal(signal.SIGCONT)
    tracer.await_binary(binary)
    start.touch()
    process.expect(0)
    capture, true = tracer.end(), load(log)
    check_equal({c.pid for c in capture.connections.values()}, {process.pid}, "pids")
    total = Counted()
    for number in range(1, 5):  # two ends a stage; the rest is the target's
        total += _check_stage(capture.connections.pop(number), "one" if number <= 2 else "two", program)
    return total + compare.check_all(true, capture)


def _check_stage(captured: Captured, stage: str, program: str) -> Counted:
    client = captured.open["role"] == "client"
    up, down = (captured.write, captured.read) if client else (captured.read, captured.write)
    got = http_wire.requests(up.bytes()), http_wire.responses(down.bytes())
    wanted = ([http_wire.Message(f"POST /{stage}", Amount.of(stage.encode()))],
              [http_wire.Message("200", Amount.of(f"{stage} was heard".encode()))])
    check_equal(got, wanted, f"{captured}: request and response")
    check_equal(captured.close["reason"], "process_exit", f"{captured}: why it ended")
    check_equal(captured.open["exe"], program, f"{captured}: exe")
    return Counted(1, captured.size)


def cases(plans: list[str]) -> list[Case]:
    found = []
    for plan in plans:
        ways = [("killed", signal.SIGKILL, "plain"), ("interrupted", signal.SIGINT, "plain")]
        ways += [("killed", signal.SIGKILL, "cgopie"), ("terminated", signal.SIGTERM, "pie")]
        found += [Case(f"tracer-{word}/{flavour}/{plan}", tracer_ends, (number, flavour, plan))
                  for word, number, flavour in ways]
        found += [Case(f"target-dies/{plan}", target_dies, (plan,))]
        found += [Case(f"target-execs/{word}/{plan}", target_execs, (plan, late))
                  for word, late in (("seen", False), ("seen-late", True))]
    return found
