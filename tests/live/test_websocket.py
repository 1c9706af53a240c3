"""WebSocket, as exchanges with messages: what both ends of every connection saw."""

import compare_web
import service
import web_truth
from case import Case, Context, Counted

VERSIONS = ["1.19", "1.26"]


def whole(context: Context, version: str, plan: str) -> Counted:
    log, tracer = service.trace_whole(context, service.program(context, "websocket", version), view=["--plan", plan, "--no-redact"])
    return compare_web.check_talks(web_truth.load_talks(log), service.found(tracer).all)


def cases(level: str, plans: list[str]) -> list[Case]:
    versions = VERSIONS[1:] if level == "quick" else VERSIONS
    return [Case(f"websocket/go{v}/{p}", whole, (v, p)) for v in versions for p in plans]
