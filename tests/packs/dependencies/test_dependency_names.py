"""Look-alike names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.packs.small_context import load_check, pack_of

load_check(pack_of("dependencies"))
from harness_packs.dependencies.names import _distance, look_alike, names_of  # noqa: E402


@pytest.mark.parametrize(
    ("name", "popular"),
    [
        ("reqeusts", "requests"),
        ("requestss", "requests"),
        ("request", "requests"),
        ("dajngo", "django"),
        ("numpyy", "numpy"),
        ("crypt0graphy", "cryptography"),
        ("tensorfiow", "tensorflow"),
        ("pythondateutil", "python-dateutil"),
        ("dateutil-python", "python-dateutil"),
        ("sqlalchmey", "sqlalchemy"),
        ("beautifulsoup5", "beautifulsoup4"),
        ("python-requests", "requests"),
    ],
)
def test_imitations_on_pypi(name, popular):
    assert look_alike("pypi", name).popular == popular


@pytest.mark.parametrize(
    ("name", "popular"),
    [
        ("loadsh", "lodash"),
        ("crossenv", "cross-env"),
        ("types-node", "@types/node"),
        ("@typess/node", "@types/node"),
    ],
)
def test_imitations_on_npm(name, popular):
    assert look_alike("npm", name).popular == popular


@pytest.mark.parametrize(
    "name",
    [
        "acme-billing",
        "invoice-core",
        "flask",
        "panda",
        "pytest-cov",
        "shop",
        "web",
        "db",
        "my-company-utils",
        "orders",
    ],
)
def test_other_names_imitate_nothing(name):
    assert look_alike("pypi", name) is None


@pytest.mark.parametrize("ecosystem", ["pypi", "npm"])
def test_no_listed_name_is_a_look_alike(ecosystem):
    assert not [name for name in names_of(ecosystem).ranks if look_alike(ecosystem, name)]


def test_a_name_with_a_foreign_letter_is_named_by_its_code_point():
    assert "U+0435" in look_alike("pypi", "r\u0435quests").how


def test_an_ecosystem_without_a_list_is_not_judged():
    assert look_alike("go", "github.com/x/y") is None


@given(st.text("abc", max_size=7), st.text("abc", max_size=7))
def test_distance_is_symmetric_and_bounded(first, second):
    distance = _distance(first, second)
    assert distance == _distance(second, first)
    assert abs(len(first) - len(second)) <= distance <= max(len(first), len(second))
    assert (distance == 0) == (first == second)
