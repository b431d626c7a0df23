#!/usr/bin/env python3
"""Makes docs/images/report.png: the demonstration's report in headless Chromium.

    docs/screenshot.py [REPORT_FOLDER]

Without a folder the demonstration is run first. Needs Chromium on the PATH.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TARGET = Path(__file__).parent / "images" / "report.png"
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
)


def main() -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("Chromium is not on the PATH; install it (Debian: sudo apt-get install chromium).")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "harness-report"
        if len(sys.argv) < 2:
            subprocess.run(
                [sys.executable, "-m", "harness", "demo", "--quiet", "--out", str(report)], check=True
            )
        TARGET.parent.mkdir(exist_ok=True)
        page = (report / "report.html").resolve().as_uri()
        options = (
            *QUIET,
            f"--user-data-dir={folder}/profile",
            "--window-size=1200,1500",
            f"--screenshot={TARGET}",
        )
        subprocess.run([browser, *options, page], check=True, capture_output=True)
    print(TARGET)


if __name__ == "__main__":
    main()
