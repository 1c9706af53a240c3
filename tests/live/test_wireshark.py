"""gotls as Wireshark's programs use it: at the other end of a pipe, and as one of their interfaces."""

import pathlib
import shutil
import subprocess

import service
import web_truth
from case import Case, Context, Counted, check, poll
from probes import Text
from service import WHOLE, Service
from test_pcapng import check_no_faults, check_web
from tshark import Reading


def pipe(context: Context) -> Counted:
    """gotls trace -o pcapng:- | tshark -i -"""
    tshark = service.tool("tshark", "tshark")
    file = context.file("capture.pcapng")
    binary = service.program(context, "web")
    server = Service(context, binary, ["-role", "server"], name="server")
    client = [binary, "-role", "client", "-connect", server.address, "-log", server.log]
    trace = [context.setting.gotls, "trace", *WHOLE, "--no-redact", "-o", "pcapng:-", "--", *client]
    # The client prints too: gotls keeps that out of the pipe.
    script = 'out=$1 tshark=$2; shift 2; "$@" | "$tshark" -q -i - -w "$out"'
    both = context.start(["bash", "-o", "pipefail", "-c", script, "sh", file, tshark, *trace], "pipe")
    both.expect(0)
    log = server.end()
    check_no_faults(file)
    return check_web(web_truth.load_web(log), Reading(file, [server.address]).all())


def extcap(context: Context) -> Counted:
    """tshark finds the interface in its folder, and captures one process by it."""
    tshark = service.tool("tshark", "tshark")
    folders = subprocess.run([tshark, "-G", "folders"], capture_output=True, text=True, check=True).stdout
    paths = [line.partition(":")[2].strip() for line in folders.splitlines() if line.startswith("Extcap path")]
    check(paths and pathlib.Path(paths[0]).is_dir(), f"no folder for extcap programs: {folders}")
    mine = context.file("extcap")
    mine.mkdir()
    (mine / "gotls").symlink_to(context.setting.gotls)
    # Only tshark sees this folder in the place of the system's.
    inside = ["unshare", "-m", "sh", "-c", 'mount --bind "$1" "$2" && shift 2 && exec "$@"', "sh", mine, paths[0], tshark]

    listed = context.start([*inside, "-D"], "interfaces")
    listed.expect(0)
    check("gotls (Go TLS (gotls))" in listed.stdout(), f"tshark's interfaces: {listed.stdout()}")

    binary = context.file("web")  # an inode whose probes are ours
    shutil.copy(service.program(context, "web"), binary)
    server = Service(context, binary, ["-role", "server"], name="server")
    client = Service(context, binary, ["-role", "client", "-connect", server.address, "-log", server.log, "-hold"], name="client")
    file = context.file("capture.pcapng")
    options = {"pid": client.pid, "ring": "64MiB", "maxop": "16MiB"}
    preferences = [word for name, value in options.items() for word in ("-o", f"extcap.gotls.{name}:{value}")]
    capture = context.start([*inside, "-q", "-i", "gotls", *preferences, "-w", file], "tshark")
    text = Text.of(context, server.pid, binary, "auto")  # of the same inode, and alive to the end
    poll(lambda: text.changed() == len(text.places) or not capture.running(), "the probes")
    check(capture.running(), capture.describe())
    client.go()
    client.end()
    capture.expect(0)  # nothing is left to trace
    poll(lambda: text.changed() == 0, "the probes to vanish")
    truth = web_truth.load_web(server.end())
    check_no_faults(file)
    return check_web(truth, Reading(file, [server.address]).all())


def cases() -> list[Case]:
    return [Case("wireshark/pipe", pipe), Case("wireshark/extcap", extcap)]
