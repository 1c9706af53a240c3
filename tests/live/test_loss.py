"""What can't be captured is announced to the byte, and what is captured is in its right place."""

import collections
import signal

import compare
from capture import Capture, Captured
from case import Case, Context, Counted, Failure, check, check_equal, poll
from target import Target
from tracer import HUGE, LARGE, Tracer

VERSION = "1.26"

# tests/targets/scenario/raw.go: the sizes of the client's Writes.
PING_SIZES = [1, 2, 13, 100, 1000, 1023, 1024, 1025, 1460, 4095, 4096, 4097, 8192, 0, 16383, 16384, 16385, 32767, 32768,
              50001, 65536, 100000, 262144, 1000003, 1 << 20]


def check_parts(whole: Capture, partial: Capture, reason: str) -> Counted:
    """Two captures of one program: `partial` has holes, but of the same shape. `whole` is known to be right."""
    by_address: dict[tuple[int, str], list[Captured]] = collections.defaultdict(list)
    for one in partial.connections.values():
        by_address[one.pid, one.tls_conn].append(one)
    total, missing = Counted(), 0
    for right in whole.connections.values():
        found = by_address[right.pid, right.tls_conn]
        check(found, f"{right}: not reported, not even as missing")
        other = found.pop(0)
        for direction in ("read", "write"):
            a, b = getattr(right, direction), getattr(other, direction)
            check_equal(b.next, a.next, f"{other}, {direction}: bytes received and missing")
            for position, piece in zip(b.positions, b.pieces):
                there = a.read(position, len(piece))
                if piece != there:
                    raise Failure(f"{other}, {direction}, at {position}: {compare.first_difference(piece, there or b'')}")
            for gap in b.gaps:
                check_equal(gap.reasons, (reason,), f"{other}, {direction}: the reasons of {gap}")
            missing += b.missing()
        total += Counted(1, other.size)
    for left in by_address.values():
        check(not left, f"connections that did not happen: {', '.join(map(str, left))}")
    check(missing > 0, "nothing was lost: this test tested nothing")
    check_equal(partial.summary["read"]["missing"] + partial.summary["write"]["missing"], missing, "missing in the summary")
    return total


def two_tracers(context: Context, scenario: str, plan: str, arguments: list[str]) -> tuple[Target, Tracer, Tracer]:
    """A waiting target, one gotls that captures all, and one under test."""
    traced = Target(context, context.private_copy(VERSION, "plain", "gotls-loss"), scenario)
    room = HUGE if scenario != "soak" else [*LARGE]
    whole = Tracer(context, ["--plan", plan, *room, "-p", traced.pid], "whole").await_attached()
    partial = Tracer(context, ["--plan", plan, *arguments, "-p", traced.pid], "partial").await_attached()
    return traced, whole, partial


def run_both(traced: Target, whole: Tracer, partial: Tracer, asleep: bool) -> tuple[Capture, Capture]:
    """Both captures of all that the target does, the second by a gotls that may sleep until that is over."""
    if asleep:
        partial.process.signal(signal.SIGSTOP)
    traced.go()
    true = traced.end()
    partial.process.signal(signal.SIGCONT)
    right = whole.end()
    compare.check_all(true, right)
    return right, partial.finish()


def small_ring(context: Context, scenario: str, plan: str, ring: str) -> Counted:
    traced, whole, partial = two_tracers(context, scenario, plan, ["--ring", ring])
    # Chunks of 16 KiB never fit into 4096 bytes; in a larger ring it takes a reader that sleeps.
    right, capture = run_both(traced, whole, partial, ring != "4096")
    compare.check_counters(capture)
    return check_parts(right, capture, "ring_full")


def stopped(context: Context, plan: str) -> Counted:
    """gotls sleeps for a while amid the traffic: the target goes on, and so does gotls afterwards."""
    traced, whole, partial = two_tracers(context, "soak", plan, ["--ring", "64KiB"])
    traced.go()
    poll(lambda: partial.chunks_so_far() > 50, "chunks")
    partial.process.signal(signal.SIGSTOP)
    begin = whole.chunks_so_far()
    poll(lambda: whole.chunks_so_far() > begin + 200, "the target to go on")
    check(traced.process.running(), traced.process.describe())
    partial.process.signal(signal.SIGCONT)
    begin = partial.chunks_so_far()
    poll(lambda: partial.chunks_so_far() > begin + 100, "gotls to go on")
    traced.stop()
    true = traced.end()
    right = whole.end()
    compare.check_all(true, right)
    return check_parts(right, partial.finish(), "ring_full")


def woken_once(context: Context, plan: str) -> Counted:
    """While gotls doesn't come to its ring, however much waits there, one wake-up is enough: each costs the target."""
    traced, whole, partial = two_tracers(context, "onebyte", plan, ["--ring", "64KiB"])
    right, capture = run_both(traced, whole, partial, asleep=True)
    check(capture.counter("chunks") > 200, f"{capture.counter('chunks')} chunks don't fill three quarters of the ring")
    check_equal(capture.counter("wake_ups"), 1, "wake-ups")
    return check_parts(right, capture, "ring_full")


def max_op(context: Context, plan: str) -> Counted:
    traced, whole, partial = two_tracers(context, "raw", plan, [*LARGE, "--max-op", "1000"])
    traced.go()
    true = traced.end()
    right = whole.end()
    compare.check_all(true, right)
    capture = partial.end()
    client = next(c for c in capture.connections.values() if c.open["role"] == "client")
    got = [(p, len(d), False) for p, d in zip(client.write.positions, client.write.pieces)]
    got += [(g.position, g.length, True) for g in client.write.gaps]
    wanted, position = [], 0
    for size in PING_SIZES:
        wanted += [(position, min(size, 1000), False)] if size else []
        wanted += [(position + 1000, size - 1000, True)] if size > 1000 else []
        position += size
    check_equal(sorted(got), wanted, f"{client}: pieces and gaps of the Writes")
    lost = sum(max(0, s - 1000) for s in PING_SIZES)
    check(capture.counter("bytes_lost_capped") >= 2 * lost, "the counter bytes_lost_capped is too small")
    return check_parts(right, capture, "capped")


def cases(plans: list[str]) -> list[Case]:
    found = []
    for plan in plans:
        found += [Case(f"small-ring/{scenario}/{ring}/{plan}", small_ring, (scenario, plan, ring))
                  for scenario, ring in (("raw", "4096"), ("raw", "64KiB"), ("parallel", "4096"), ("parallel", "64KiB"))]
        found += [Case(f"stopped/{plan}", stopped, (plan,)),
                  Case(f"woken-once/{plan}", woken_once, (plan,)), Case(f"max-op/{plan}", max_op, (plan,))]
    return found
