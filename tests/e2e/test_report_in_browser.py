"""report.html in a real browser: content, no error, no request, usable with the keyboard."""

import json
import shutil

import pytest

from harness.model.report import Figure
from harness.report.write import write_report
from tests.unit.report import samples
from tests.unit.report.attacks import ATTACKS

webdriver = pytest.importorskip("selenium.webdriver")
from axe_core_python.selenium import Axe  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

pytestmark = pytest.mark.browser

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="40">'
    "<style>text{fill:red}</style><text>plan</text></svg>"
)
QUIET = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
    "--window-size=1200,1000",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("Chromium and its driver are not installed (apt-get install chromium chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for argument in QUIET:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    session = webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=driver))
    yield session
    session.quit()


@pytest.fixture
def visit(browser, tmp_path):
    """Write a report, open it, and hold that it caused no error, no dialogue and no request."""

    def go(report, fragment="", **extra):
        write_report(tmp_path / "report", report, **extra)
        page = (tmp_path / "report" / "report.html").as_uri()
        browser.get_log("performance")
        browser.get("about:blank")
        browser.get(page + fragment)
        assert browser.get_log("browser") == []
        wanted = requests(browser)
        assert {url for url in wanted if not url.startswith("data:")} <= {
            page,
            page + fragment,
            "about:blank",
        }
        return browser

    return go


def requests(browser):
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [message["params"] for message in messages if message["method"] == "Network.requestWillBeSent"]
    return {params["request"]["url"] for params in sent}


def shown(browser):
    found = browser.find_elements(By.CSS_SELECTOR, "details.finding")
    return [element.get_attribute("id") for element in found if element.is_displayed()]


def test_content_of_an_ordinary_report(visit):
    page = visit(samples.ordinary(), figures=[Figure("infra_plan", "The plan", SVG)])
    assert "Do not merge" in page.find_element(By.TAG_NAME, "h1").text
    text = page.find_element(By.TAG_NAME, "body").text
    for said in (
        "1 senior engineer",
        "billable_metres(930)",
        "returned 10",
        "returned 9",
        "3 of 3 fail",
        "Provenance",
    ):
        assert said in text
    image = page.find_element(By.TAG_NAME, "img")
    assert page.execute_script("return arguments[0].naturalWidth", image) == 200


def test_empty_report_has_no_filter(visit):
    page = visit(samples.report())
    assert "Nothing stands against merging" in page.find_element(By.TAG_NAME, "h1").text
    assert page.find_elements(By.ID, "filter") == []


def test_filters(visit):
    page = visit(samples.ordinary())
    assert len(shown(page)) == 6
    page.find_element(By.NAME, "confirmed").click()
    assert "F6" not in shown(page)
    page.find_element(By.NAME, "undeclared").click()
    assert sorted(shown(page)) == ["F1", "F2", "F3", "F4"]
    page.find_element(By.NAME, "text").send_keys("moorings/logbook")
    assert shown(page) == ["F2"]
    assert page.find_element(By.NAME, "shown").text == "1 of 6 findings"
    assert not page.find_element(By.CSS_SELECTOR, "section[aria-labelledby=tests]").is_displayed()


def test_deep_link_opens_a_folded_finding(visit):
    page = visit(samples.large(500), "#F499")
    WebDriverWait(page, 20).until(lambda page: page.switch_to.active_element.tag_name == "summary")
    assert page.find_element(By.ID, "F499").get_attribute("open") is not None


def test_keyboard_folds_a_finding(visit):
    page = visit(samples.ordinary())
    finding = page.find_element(By.ID, "F1")
    finding.find_element(By.TAG_NAME, "summary").send_keys(Keys.ENTER)
    assert finding.get_attribute("open") is None


def test_first_tab_skips_to_the_findings(visit):
    page = visit(samples.ordinary())
    page.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    assert page.switch_to.active_element.text == "Skip to the findings"


def test_every_link_leads_somewhere(visit):
    page = visit(samples.ordinary(), proofs={"F1": {"test_f1.py": b"assert True\n"}})
    for link in page.find_elements(By.CSS_SELECTOR, "a[href*='#']"):
        target = link.get_attribute("href").partition("#")[2]
        assert page.find_elements(By.ID, target), target
    assert page.find_elements(By.CSS_SELECTOR, "a[href$='proofs/F1/test_f1.py']")


def test_ids_are_unique(visit):
    page = visit(samples.large(100))
    ids = page.execute_script("return [...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))


def test_all_attacks_at_once_show_as_text(visit):
    page = visit(samples.hostile("\n".join(ATTACKS)))
    assert len(page.find_elements(By.TAG_NAME, "script")) == 1
    assert (
        page.find_elements(By.CSS_SELECTOR, "iframe, object, embed, link, base, form:not(#filter), img") == []
    )
    for attack in ATTACKS[::8]:
        page = visit(samples.hostile(attack))
        assert len(page.find_elements(By.CSS_SELECTOR, "details.finding")) == 2


def test_no_sideways_scrolling_on_a_phone(visit, browser):
    browser.set_window_size(500, 900)
    try:
        page = visit(samples.hostile("W" * 3000))
        assert page.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    finally:
        browser.set_window_size(1200, 1000)


def test_readable_without_script(browser, tmp_path):
    write_report(tmp_path / "report", samples.ordinary())
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get((tmp_path / "report" / "report.html").as_uri())
        assert "billable_metres(930)" in browser.find_element(By.ID, "F1").text
        assert not browser.find_element(By.ID, "filter").is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_first_paint_of_500_findings(visit):
    page = visit(samples.large(500))
    paint = "return performance.getEntriesByName('first-contentful-paint').length"
    assert page.execute_async_script(f"setTimeout(() => arguments[0]((() => {{ {paint} }})()), 500)") == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "made",
    [
        samples.ordinary,
        samples.report,
        lambda: samples.large(60),
        lambda: samples.hostile("\n".join(ATTACKS)),
    ],
    ids=["ordinary", "empty", "large", "hostile"],
)
def test_no_violation_of_the_accessibility_guidelines(visit, browser, made, scheme):
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    try:
        page = visit(made(), figures=[Figure("infra_plan", "The plan", SVG)])
        dark = page.execute_script("return matchMedia('(prefers-color-scheme: dark)').matches")
        assert dark == (scheme == "dark")
        page.execute_script("for (const one of document.querySelectorAll('details')) one.open = true")
        found = Axe().run(page)
        assert found["passes"], "axe-core has looked at nothing"
        said = [
            f"{one['id']}: {node['target']} {node['failureSummary']}"
            for one in found["violations"]
            for node in one["nodes"][:3]
        ]
        assert said == []
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
