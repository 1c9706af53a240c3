"""All tests but the matrix of scenarios."""

import test_apps
import test_command
import test_containers
import test_forks
import test_grpc
import test_har
import test_http
import test_libraries
import test_life
import test_loss
import test_modes
import test_pcapng
import test_quic
import test_secrets
import test_skip
import test_view
import test_websocket
import test_wireshark
from case import Case


def cases(level: str, versions: list[str], flavours: list[str], plans: list[str]) -> list[Case]:
    return [
        *test_command.cases(level, versions, flavours, plans),
        *test_forks.cases(level, versions, plans),
        *test_quic.cases(level, versions, plans),
        *test_libraries.cases(level, versions, plans),
        *test_modes.cases(plans),
        *test_containers.cases(),
        *test_loss.cases(plans),
        *test_life.cases(plans),
        *test_http.cases(level, versions, plans),
        *test_grpc.cases(level, plans),
        *test_websocket.cases(level, plans),
        *test_pcapng.cases(level),
        *test_wireshark.cases(),
        *test_secrets.cases(level, versions, flavours, plans),
        *test_har.cases(),
        *test_skip.cases(),
        *test_view.cases(),
        *test_apps.cases(),
    ]
