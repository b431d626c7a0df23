"""``[sandbox.setup]`` of harness.toml."""

import pytest

from harness.config.load import parse_config
from harness.config.setup import address
from harness.errors import ConfigError


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('lock_files = ["a"]', "has no commands"),
        ('commands = ["x"]\nallow = ["pypi.org:443"]', 'network is "none"'),
        ('commands = ["x"]\nnetwork = "registries"', "allow is empty"),
        ('commands = ["x"]\nnetwork = "registries"\nallow = ["pypi.org"]', "host:port"),
        ('commands = ["x"]\nnetwork = "registries"\nallow = ["https://pypi.org:443"]', "host:port"),
        ('commands = ["x"]\nnetwork = "all"', "network"),
        ('command = ["x"]', "did you mean 'commands'"),
    ],
)
def test_settings_that_do_not_agree_are_refused(lines: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        parse_config(f"[sandbox.setup]\n{lines}\n", "harness.toml")


def test_no_setup_is_the_default() -> None:
    assert parse_config("", "harness.toml").sandbox.setup.commands == ()


@pytest.mark.parametrize(
    "text", ["a", "a:0", "a:65536", ":443", "*:443", "a b:443", "-a:1", "a:443x", "[::1]:443"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        address(text)


def test_hosts_are_compared_in_lower_case() -> None:
    assert address("PyPI.org:443") == ("pypi.org", 443)
