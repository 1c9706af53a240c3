"""All scenarios of the targets, and what to compare for each; the matrix of versions, flavours and plans."""

import dataclasses
import typing

import compare
import target
import truth
from capture import Capture
from case import Case, Context, Counted, check, check_equal
from target import Target
from tracer import HUGE, LARGE, Tracer
from truth import Truth

Check = typing.Callable[[Truth, Capture, str], Counted]  # the last one is the plan


@dataclasses.dataclass(frozen=True)
class Scenario:
    name: str
    ends: int  # lines of kind conn in the log; -1: as many as come
    check: typing.Optional[Check] = None  # None: compare.check_all
    options: tuple[str, ...] = ()
    attach: bool = False  # gotls comes when the target waits; otherwise it starts the target
    library: bool = True  # the C library can do it too
    huge: bool = False  # more than the usual ring and --max-op hold


def check_http(true: Truth, capture: Capture, plan: str) -> Counted:
    compare.check_counters(capture)
    check_equal(len(capture.connections), 2, "the number of connections")
    return compare.check_exchanges(true, capture)


def check_http_and_connections(true: Truth, capture: Capture, plan: str) -> Counted:
    compare.check_exchanges(true, capture)
    return compare.check_all(true, capture)


def check_writers(true: Truth, capture: Capture, plan: str) -> Counted:
    # The classic plan sees a Write when it returns, which is not the order on the wire.
    compare.check_writers(compare.pairs(true, capture), ordered=plan == "lean")
    return compare.check_all(true, capture)


def check_writefail(true: Truth, capture: Capture, plan: str) -> Counted:
    total = compare.check_all(true, capture)
    for end, captured in compare.pairs(true, capture):
        if end.side == "server":
            continue
        given = next(s["counts"]["len"] for s in true.summaries if s["note"] == end.note)
        # The classic plan learns of a Write when it returns: then there is nothing to take back.
        unsent = given - end.write.bytes if plan == "lean" else 0
        check_equal(captured.write.unsent(), unsent, f"{end}: bytes given to Write and not sent")
    return total


def check_preopen(true: Truth, capture: Capture, plan: str) -> Counted:
    """A Read that was under way when gotls came is captured by the lean plan; the classic one has not seen it begin."""
    if plan == "lean":
        return compare.check_all(true, capture)
    found = compare.pairs(true, capture)
    compare.check_no_others(found, capture)
    written = {t.local: c.write.bytes() for t, c in found if t.side == "client"}
    for end, captured in found:
        if end.side == "client":
            compare.check_stream(f"{end}, write", captured.write, end.write)
            compare.check_stream(f"{end}, read", captured.read, end.read)
            continue
        compare.check_stream(f"{end}, write", captured.write, end.write)
        whole = written[end.remote]
        check_equal(truth.Amount.of(whole), end.read, f"{end}: what the client wrote")
        late = captured.read.bytes()
        check(not captured.read.gaps and whole.endswith(late), f"{end}, read: not the end of what the client wrote")
        check(len(whole) - len(late) in (0, 13), f"{end}, read: {len(whole) - len(late)} bytes missing, the first Read had 13")
    return Counted(len(found), sum(c.size for _, c in found))


SCENARIOS = [
    Scenario("raw", 2),
    Scenario("raw-unix", 2),
    Scenario("http1", 0, check_http, huge=True),
    Scenario("http2", 0, check_http, huge=True),
    Scenario("http1-wire", 2, check_http_and_connections, huge=True),
    Scenario("parallel", 128),
    Scenario("writers", 2, check_writers),
    Scenario("short", 600),
    Scenario("reuse", 600),
    Scenario("stackbuf", 100),
    Scenario("eof", 40),
    Scenario("onebyte", 2),
    Scenario("bigbuf", 2),
    Scenario("halfclose", 2),
    Scenario("zerobuf", 2, huge=True),
    Scenario("writefail", 4, check_writefail, huge=True),
    Scenario("wrapper", 8),
    Scenario("tlsintls", 4),
    Scenario("tlsintls-direct", 4),
    Scenario("pipe", 2),
    Scenario("preopen", 8, check_preopen, attach=True, library=False),
    Scenario("sni-alpn", 8),
    Scenario("soak", 8, options=("-for", "1s"), library=False),
    Scenario("soak-http", -1, check_http_and_connections, options=("-for", "1s"), library=False),
    Scenario("spawn-child", 6, library=False),
]
BY_NAME = {s.name: s for s in SCENARIOS}


def run(context: Context, name: str, version: str, flavour: str, plan: str, options: tuple[str, ...] = (),
        attach: bool = False) -> Counted:
    """One scenario, traced from its first byte, or (`attach`) by its pid."""
    scenario = BY_NAME[name]
    options = (*scenario.options, *options)
    library = flavour == "cshared"
    binary = context.binary(version, flavour, "host" if library else "target")
    trace = ["--plan", plan, *(HUGE if scenario.huge else LARGE)]
    if attach or scenario.attach or library:
        traced = Target(context, binary, name, options)
        tracer = Tracer(context, [*trace, "-p", traced.pid]).await_attached()
        traced.go()
        truth_found = traced.end()
        capture = tracer.end()
    else:
        log = context.file("target.log")
        tracer = Tracer(context, [*trace, "--", *target.arguments(binary, name, log, options)])
        capture = tracer.end()
        check("done" in tracer.process.stdout(), f"the target failed: {tracer.process.tail()}")
        truth_found = truth.load(log)
    if scenario.ends >= 0:
        check_equal(len(truth_found.connections), scenario.ends, "the number of connections in the target's log")
    if scenario.check is None:
        return compare.check_all(truth_found, capture)
    return scenario.check(truth_found, capture, plan)


# ---- the matrix ----

VERSIONS = ["1.15", "1.19", "1.21", "1.22", "1.23", "1.24", "1.25", "1.26", "1.27"]
FLAVOURS = ["plain", "stripped", "pie", "cgo", "cgopie", "cshared"]
PLANS = ["lean", "classic"]
# How else the compiler can be told to do its work, and the versions for which that is built.
SHAPES = {"noopt": ("1.15", "1.27"), "race": ("1.19", "1.27"), "cover": ("1.27",), "pgo": ("1.27",), "v3": ("1.27",),
          "fips": ("1.24", "1.27")}

# Each of these goes its own way through crypto/tls or the kernel half.
SHORT_LIST = ["raw", "http2", "writers", "stackbuf", "reuse", "wrapper"]


def _wanted(level: str, version: str, flavour: str, plan: str, name: str) -> bool:
    if level == "full":
        return True
    if level == "quick":
        if plan == "lean" and flavour == "plain":
            return version in ("1.15", "1.27") or name in ("raw", "stackbuf")
        return version in ("1.15", "1.24", "1.27") and name == "raw"
    if plan == "lean" and flavour == "plain":
        return True
    if plan == "classic" and flavour == "plain":
        return version in ("1.15", "1.24", "1.27") or name in ("raw", "stackbuf")
    return name == "raw" or (version in ("1.15", "1.24", "1.27") and plan == "lean" and name in SHORT_LIST)


def cases(level: str, versions: list[str], flavours: list[str], plans: list[str]) -> list[Case]:
    found = []
    for version in versions:
        for plan in plans:
            for flavour in flavours:
                for scenario in SCENARIOS:
                    if flavour == "cshared" and not scenario.library:
                        continue
                    if _wanted(level, version, flavour, plan, scenario.name):
                        name = f"{scenario.name}/go{version}/{flavour}/{plan}"
                        found.append(Case(name, run, (scenario.name, version, flavour, plan)))
            found += _variants(version, plan) if "plain" in flavours else []
        found += _shapes(version, plans)
    return found


def _shapes(version: str, plans: list[str]) -> list[Case]:
    """Where no lean plan is proved, as for Write with -race, the classic one takes its place."""
    names = ["raw", "http2", "writers", "stackbuf"]
    return [Case(f"{name}/go{version}/{shape}/{plan}", run, (name, version, shape, "auto" if plan == "lean" else plan))
            for shape, versions in SHAPES.items() if version in versions for plan in plans for name in names]


def _variants(version: str, plan: str) -> list[Case]:
    """Other settings than the scenarios' usual ones."""
    def case(name: str, variant: str, options: tuple[str, ...] = (), attach: bool = False) -> Case:
        return Case(f"{name}/{variant}/go{version}/plain/{plan}", run, (name, version, "plain", plan, options, attach))

    found = [case(name, "tls1.2", ("-tls", "1.2")) for name in ("raw", "sni-alpn")]
    if plan == "lean":
        found.append(case("raw", "ipv6", ("-listen", "[::1]:0")))
        found.append(case("raw", "attached", attach=True))
    return found
