"""Copies of crypto/tls under other import paths, beside crypto/tls in one program."""

import json

import compare
import truth
from case import Case, Context, Counted, check, check_equal
from tracer import LARGE, Tracer, run_gotls

VERSIONS = ["1.19", "1.24", "1.27"]
BINARIES = ["target", "stripped"]
PACKAGES = ["crypto/tls", "example.org/app/vendor/crypto/tls", "github.com/refraction-networking/utls"]


def captured(context: Context, version: str, binary: str, plan: str) -> Counted:
    """Each connection once, whichever copy it belongs to, and whether a type wraps the Conn or not."""
    path, log = context.binary(version, "fork", binary), context.file("log")
    tracer = Tracer(context, [*LARGE, "--plan", plan, "--", path, "-log", log])
    capture = tracer.end()
    check("done" in tracer.process.stdout(), f"the target failed: {tracer.process.tail()}")
    true = truth.load(log)
    check_equal({c.scenario for c in true.connections}, {"crypto/tls", "utls", "vendored"}, "the copies in the target's log")
    addresses = {c.tls_conn for c in true.connections}
    check(len(addresses) < len(true.connections), "no connection's memory was used again")
    return compare.check_all(true, capture)


def inspected(context: Context, version: str, plan: str) -> Counted:
    """Every copy has a plan of its own, and the standard one stands at the top."""
    path = context.binary(version, "fork", "stripped")
    process = run_gotls(context, ["inspect", "--json", "--plan", plan, path])
    process.expect(0)
    found = json.loads(process.stdout())
    check_equal([p["package"] for p in found["packages"]], PACKAGES, "the packages")
    check_equal(found["package"], PACKAGES[0], "the package at the top")
    check_equal(found["read"], found["packages"][0]["read"], "the plan at the top")
    for package in found["packages"]:
        for direction in ("read", "write"):
            check_equal(package[direction]["kind"], plan, f"the plan of {package['package']}, {direction}")
    wrapped = {s["function"] for s in found["packages"][2]["write"]["sites"]}
    check_equal(wrapped, {f"{PACKAGES[2]}.({t}).Write" for t in ("*Conn", "*UConn")}, "the functions that write in utls")
    return Counted()


def by_hand(context: Context) -> Counted:
    """--package names what is there, and says what isn't."""
    path = context.binary(VERSIONS[-1], "fork")
    process = run_gotls(context, ["inspect", "--package", "example.org/none", "--package", PACKAGES[2], path])
    process.expect(0)
    check("example.org/none: not in this program" in process.stdout(), "the missing package isn't named")
    order = [line.split()[1] for line in process.stdout().splitlines() if line.startswith("  package ")]
    check_equal(order[:2], [PACKAGES[0], PACKAGES[2]], "the first packages")
    return Counted()


def cases(level: str, versions: list[str], plans: list[str]) -> list[Case]:
    found = []
    for version in versions:
        if version not in VERSIONS:
            continue
        for plan in plans:
            for binary in BINARIES if level != "quick" else BINARIES[1:]:
                found.append(Case(f"fork/go{version}/{binary}/{plan}", captured, (version, binary, plan)))
            found.append(Case(f"fork/inspect/go{version}/{plan}", inspected, (version, plan)))
    return [*found, Case("fork/by-hand", by_hand)]
