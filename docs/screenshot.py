#!/usr/bin/env python3
"""Makes docs/images/: parts of the demonstration's report in headless Chromium.

    docs/screenshot.py [REPORT_FOLDER]

Without a folder the demonstration is run first. Needs Chromium and its driver, and selenium.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By

IMAGES = Path(__file__).parent / "images"
QUIET = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--force-device-scale-factor=1",
)  # fmt: skip
PARTS = {
    "behaviour": "//section[@aria-labelledby='behaviour']//details[contains(., 'regression')]",
    "infrastructure": "//section[@aria-labelledby='infrastructure']",
    "tests": "//section[@aria-labelledby='tests']//details[contains(., 'test-tampering')]",
    "risk": "//section[@aria-labelledby='risk']",
}
"""Name of the image to the first element of the page that it shows, as XPath."""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "harness-report"
        if len(sys.argv) < 2:
            subprocess.run([sys.executable, "-m", "harness", "demo", "--quiet"], cwd=folder, check=True)
        IMAGES.mkdir(exist_ok=True)
        browser = start()
        try:
            browser.get((report / "report.html").resolve().as_uri())
            browser.set_window_size(1200, 1500)
            browser.save_screenshot(str(IMAGES / "report.png"))
            browser.set_window_size(1200, 4000)
            browser.execute_script("document.getElementById('filter').hidden = true")
            for name, element in PARTS.items():
                found = browser.find_elements(By.XPATH, element)
                if not found:
                    sys.exit(f"The report shows no {name}; run the demonstration anew.")
                found[0].screenshot(str(IMAGES / f"{name}.png"))
        finally:
            browser.quit()
    print(IMAGES)


def start() -> webdriver.Chrome:
    """A browser without a window. Ends the program when there is none."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        sys.exit("Chromium or its driver is missing (Debian: sudo apt-get install chromium chromium-driver).")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for argument in QUIET:
        options.add_argument(argument)
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=driver))


if __name__ == "__main__":
    main()
