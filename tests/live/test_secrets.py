"""TLS secrets: what gotls reads is what the program's own key log has, or the key log of the program at the other end."""

import pathlib
import re
import subprocess

import compare
import target
import truth
from case import Case, Context, Counted, check, check_equal
from target import Target
from tracer import LARGE, Tracer

LINE = re.compile(r"[A-Z0-9_]+ [0-9a-f]{64} ([0-9a-f]{2}){1,64}")
LABELS = {
    "1.2": {"CLIENT_RANDOM"},
    "1.3": {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET",
            "CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"},
}


def key_log(path: pathlib.Path) -> list[str]:
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    for line in lines:
        check(LINE.fullmatch(line), f"{path.name}: no line of a key log: {line!r}")
    return lines


def check_same(theirs: pathlib.Path, ours: pathlib.Path, tls: str) -> list[str]:
    wanted, got = key_log(theirs), key_log(ours)
    check_equal({line.split()[0] for line in wanted}, LABELS[tls], "labels in the program's own key log")
    check_equal(len(set(got) - set(wanted)), 0, "secrets that the program does not have")
    check_equal(len(set(wanted) - set(got)), 0, "secrets that gotls does not have")
    return wanted


def with_key_log(context: Context, version: str, flavour: str, tls: str, plan: str) -> Counted:
    """The traced program keeps a key log itself: both ends of many connections, each secret read once."""
    theirs, ours = context.file("theirs"), context.file("ours")
    binary = context.binary(version, flavour)
    traced = Target(context, binary, "short", ["-tls", tls], prefix=["env", f"SSLKEYLOGFILE={theirs}"])
    tracer = Tracer(context, [*LARGE, "--plan", plan, "-o", f"keylog:{ours}", "-p", traced.pid]).await_attached()
    traced.go()
    counted = compare.check_all(traced.end(), capture := tracer.end())
    wanted = check_same(theirs, ours, tls)
    # A stack that grows runs the head of a function twice.
    check_equal(capture.counter("secrets"), len(wanted), "the counter secrets")
    return counted


def without_key_log(context: Context, version: str, tls: str, role: str) -> Counted:
    """The traced end keeps no key log; the other end does, and both have the same secrets."""
    theirs, ours = context.file("theirs"), context.file("ours")
    env = {role: [], {"server": "client", "client": "server"}[role]: ["env", f"SSLKEYLOGFILE={theirs}"]}
    binary = context.binary(version, "plain")
    options = ["-tls", tls, "-role"]
    server = Target(context, binary, "short", [*options, "server"], name="server", prefix=env["server"])
    at = re.search(r"listening (\S+)", server.process.stdout())[1]
    client = Target(context, binary, "short", [*options, "client", "-connect", at], name="client", prefix=env["client"])
    traced = {"server": server, "client": client}[role]
    tracer = Tracer(context, [*LARGE, "-o", f"keylog:{ours}", "-p", traced.pid]).await_attached()
    server.go()
    client.go()
    found = {"server": server, "client": client}
    logs = {name: one.end() for name, one in found.items()}
    counted = compare.check_all(logs[role], tracer.end())
    check_same(theirs, ours, tls)
    return counted


def in_library(context: Context, version: str) -> Counted:
    """A Go library in a C program."""
    theirs, ours, log = context.file("theirs"), context.file("ours"), context.file("log")
    host = context.binary(version, "cshared", "host")
    words = ["env", f"SSLKEYLOGFILE={theirs}", *target.arguments(host, "sni-alpn", log)]
    tracer = Tracer(context, [*LARGE, "-o", f"keylog:{ours}", "--", *words], stdin=subprocess.PIPE)
    tracer.await_binary(host.parent / "libtarget.so")
    tracer.process.write_line()
    capture = tracer.end()
    counted = compare.check_all(truth.load(log), capture)
    check_same(theirs, ours, "1.3")
    return counted


def not_wanted(context: Context) -> Counted:
    """Without an output that wants secrets none are read."""
    traced = Target(context, context.private_copy("1.26", "plain", "gotls-secrets"), "raw")
    tracer = Tracer(context, [*LARGE, "-p", traced.pid]).await_attached()
    traced.go()
    counted = compare.check_all(traced.end(), capture := tracer.end())
    check_equal(capture.counter("secrets"), 0, "the counter secrets")
    return counted


def cases(level: str, versions: list[str], flavours: list[str], plans: list[str]) -> list[Case]:
    found = [Case("secrets/not-wanted", not_wanted)]
    quick = level == "quick"
    for version in versions:
        edge = version in (versions[0], versions[-1])
        for tls in LABELS:
            if quick and not edge:
                continue
            kinds = flavours if level == "full" or (edge and not quick) else ["plain"]
            found += [Case(f"secrets/own/{version}/{flavour}/{tls}", with_key_log, (version, flavour, tls, plans[0]))
                      for flavour in kinds if flavour != "cshared"]
            found += [Case(f"secrets/other-end/{version}/{tls}/{role}", without_key_log, (version, tls, role))
                      for role in ("server", "client") if not quick]
        if edge and "cshared" in flavours:
            found.append(Case(f"secrets/library/{version}", in_library, (version,)))
    return found
