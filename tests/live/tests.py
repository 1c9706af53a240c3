"""All tests but the matrix of scenarios."""

import test_command
import test_life
import test_loss
import test_modes
from case import Case


def cases(level: str, versions: list[str], flavours: list[str], plans: list[str]) -> list[Case]:
    return [
        *test_command.cases(level, versions, flavours, plans),
        *test_modes.cases(plans),
        *test_loss.cases(plans),
        *test_life.cases(plans),
    ]
