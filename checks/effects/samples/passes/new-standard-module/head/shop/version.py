"""The version that is shown."""

import locale
import logging
import mimetypes
import os
import platform
import tempfile
import uuid
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
log = logging.getLogger(__name__)


def shown(number):
    locale.setlocale(locale.LC_ALL, "")
    mimetypes.guess_type("a.csv")
    log.info("%s %s %s", platform.platform(), uuid.uuid1(), os.environ.get("HOME"))
    with tempfile.NamedTemporaryFile("w") as stream:
        stream.write(str(number))
    return f"v{number} {ZONE.key}"
