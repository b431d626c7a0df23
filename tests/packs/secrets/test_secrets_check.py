"""What counts as a secret, what does not, and that no secret is ever shown."""

import base64
import hashlib
import json
import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.check.interface import CheckSkipped
from tests.packs.small_context import load_check, pack_of, run_pack

load_check(pack_of("secrets"))
from harness_packs.secrets.check import secrets_of  # noqa: E402
from harness_packs.secrets.formats import FORMATS  # noqa: E402
from harness_packs.secrets.values import entropy, is_example  # noqa: E402


def made(alphabet, length, seed=1):
    """Looks random and belongs to nobody; made at run time so that no scanner trips over this file."""
    return "".join(random.Random(seed + length).choices(alphabet, k=length))


UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
MIXED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
LETTERS = MIXED[:52]
HEX = "0123456789abcdef"
TOKENS = {
    "aws-key-id": "AKIA" + made(UPPER, 16),
    "github-token": "ghp_" + made(MIXED, 36),
    "gitlab-token": "glpat-" + made(MIXED, 20),
    "slack-token": "xoxb-" + made("0123456789", 12) + "-" + made(MIXED, 24),
    "stripe-key": "sk_live_" + made(MIXED, 24),
    "google-key": "AIza" + made(MIXED, 35),
    "openai-key": "sk-proj-" + made(MIXED, 48),
    "anthropic-key": "sk-ant-" + made(MIXED, 95),
    "huggingface-token": "hf_" + made(LETTERS, 34),
    "npm-token": "npm_" + made(MIXED, 36),
    "sendgrid-key": "SG." + made(MIXED, 22) + "." + made(MIXED, 43),
    "digitalocean-token": "dop_v1_" + made(HEX, 64),
    "databricks-token": "dapi" + made(HEX, 32),
    "vault-token": "hvs." + made(MIXED, 30),
    "shopify-token": "shpat_" + made(HEX, 32),
}


def found(line, path="app/settings.py"):
    return [one.rule.removeprefix("secret-") for one in secrets_of(line, path)]


def run(folder, base, head, **more):
    return run_pack("secrets", folder, base, head, **more)


@pytest.mark.parametrize(("rule", "token"), TOKENS.items())
def test_credentials_with_a_form(rule, token):
    assert found(f'client = Client("{token}")') == [rule]
    assert found(f"KEY={token}", ".env") == [rule]
    assert found(f'client = Client("x{token}x")') == []


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (f'aws_secret_access_key = "{made(MIXED + "/+", 40)}"', "aws-secret-key"),
        ("-----BEGIN RSA PRIVATE " + "KEY-----", "private-key"),
        (f'URL = "postgresql://app:{made(MIXED, 12)}@db.internal/shop"', "url-password"),
        (f'"https://hooks.slack.com/services/T{made(UPPER, 8)}/B{made(UPPER, 8)}/{made(MIXED, 24)}"', "slack-webhook"),
        (f'API_KEY = "{made(MIXED, 32)}"', "assigned"),
        (f'api_key: str = "{made(MIXED, 24)}"', "assigned"),
        (f'"client_secret": "{made(MIXED, 30)}",', "assigned"),
        (f'config["auth_token"] = "{made(HEX, 40)}"', "assigned"),
        ('DB_PASSWORD = "kV9!pq-Lm2"', "assigned"),
        ('connect(user="app", password="Tr4il-Mix+77")', "assigned"),
        (f'os.environ.setdefault("SECRET_KEY", "{made(MIXED, 50)}")', "assigned"),
    ],
)  # fmt: skip
def test_credentials_by_their_place(line, rule):
    assert found(line) == [rule]


@pytest.mark.parametrize(
    ("line", "path"),
    [
        (f"DB_PASSWORD={made(MIXED, 16)}", "deploy/.env"),
        (f"DB_PASSWORD={made(MIXED, 6)}#{made(MIXED, 7)}", "deploy/.env"),
        (f"DB_PASSWORD={made(MIXED, 16)} # rotated in May", "deploy/.env"),
        (f"  api_key: {made(MIXED, 32)}", "config/app.yaml"),
        (f"ENV API_TOKEN={made(MIXED, 32)}", "Dockerfile"),
        (f"export CLIENT_SECRET={made(MIXED, 32)}", "run.sh"),
    ],
)
def test_settings_without_quotes(line, path):
    assert found(line, path) == ["assigned"]


@pytest.mark.parametrize(
    "line",
    [
        'password = "changeme"',
        'password = os.environ["DB_PASSWORD"]',
        'password = "your-password-here"',
        'PASSWORD_FIELD = "user_password"',
        'token_url = "https://auth.example.com/oauth2/token"',
        'TOKEN_TYPE = "access_token_bearer"',
        'secret_name = "prod/shop/database"',
        'SECRET_KEY = "${SECRET_KEY}"',
        'api_key = "{{ vault_api_key }}"',
        'api_key = f"{prefix}_{name}_key"',
        'password_hash = "$2b$12$abcdefghijklmnopqrstuuKq0Jw8u3Y5G9o7b1m2n3p4q5r6s7t8u"',
        'password_policy = "min8-upper-digit"',
        'key = "customer_identifier"',
        'csrf_token_header = "X-CSRFToken"',
        'error = "invalid token: expected Bearer"',
        'token = "AKIAIOSFODNN7EXAMPLE"',
        'token = "ghp_' + "x" * 36 + '"',
        'token = "ghp_' + "0123456789abcdefghijklmnopqrstuvwxyz" + '"',
        'url = "postgresql://postgres:postgres@localhost/test"',
        'url = "https://user:password@example.com/"',
        'url = "https://{user}:{password}@host"',
        'secret_id = "0f8fad5b-d9cb-469f-a165-70867728950e"',
        "token = get_token(request, 'refresh')",
        'tokenizer = "bert-base-uncased-v2"',
        'password = getpass.getpass("Password: ")',
        'assert user.password == "Sommer2024"  # nosecret',
        'sha256 = "' + hashlib.sha256(b"x").hexdigest() + '"',
        '"integrity": "sha512-' + base64.b64encode(bytes(range(64))).decode() + '"',
        "next_page_token = page.get('nextPageToken')",
        'SESSION_TOKEN_COOKIE = "shop_session_v2"',
        'public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtq"',
    ],
)
def test_no_credentials(line):
    assert found(line) == []


def test_test_data_is_not_reported():
    assert found('password = "kV9!pq-Lm2"', "tests/test_login.py") == []
    assert found("-----BEGIN PRIVATE " + "KEY-----", "tests/fixtures/key.pem") == []
    assert found("DB_PASSWORD=kV9!pq-Lm2aa", ".env.example") == []


def test_a_provider_token_in_tests_is_low(tmp_path):
    (finding,) = run(tmp_path, {}, {"tests/test_api.py": f'T = "{TOKENS["github-token"]}"\n'}).findings
    assert finding.severity == "low"


def test_only_new_values_are_reported(tmp_path):
    line = f'KEY = "{TOKENS["github-token"]}"\n'
    assert not run(tmp_path / "1", {"a.py": line}, {"a.py": "import os\n" + line}).findings
    assert not run(tmp_path / "2", {"a.py": line, "b.py": "x = 1\n"}, {"a.py": "", "b.py": line}).findings
    assert len(run(tmp_path / "3", {"a.py": "x = 1\n"}, {"a.py": line + line}).findings) == 1


def test_lock_files_are_not_read(tmp_path):
    text = json.dumps({"secret_token": made(MIXED, 40)})
    assert not run(tmp_path, {}, {"package-lock.json": text, "a.txt": ""}).findings


def test_a_store_of_keys(tmp_path):
    (finding,) = run(tmp_path, {}, {"deploy/prod.p12": b"\0\1\2"}).findings
    assert (finding.rule, finding.location.path) == ("secret-key-file", "deploy/prod.p12")


@pytest.mark.parametrize("token", [*TOKENS.values(), "kV9!pq-Lm2x"])
def test_no_output_holds_the_secret(tmp_path, token):
    outcome = run(tmp_path, {}, {"app/settings.py": f'API_PASSWORD = "{token}"\n'})
    assert outcome.findings
    shown = msgspec.json.encode(msgspec.to_builtins(outcome.findings, enc_hook=vars)).decode()
    assert token not in shown
    assert token[3:8] not in shown.replace(token[:3] + "…", "")
    assert hashlib.sha256(token.encode()).hexdigest()[:8] not in shown


def test_equal_lines_with_other_secrets_have_one_fingerprint_each(tmp_path):
    lines = "".join(f'KEY = "{"ghp_" + made(MIXED, 36, seed)}"\n' for seed in (1, 2))
    keys = {one.key for one in run(tmp_path, {}, {"a.py": lines}).findings}
    assert len(keys) == 2


def test_a_change_that_only_deletes_is_skipped(tmp_path):
    with pytest.raises(CheckSkipped):
        run(tmp_path, {"a.py": "x = 1\n"}, {})


def test_every_format_has_its_own_rule():
    assert len({one.rule for one in FORMATS}) == len(FORMATS)


@given(st.text(max_size=300), st.sampled_from(["a.py", ".env", "tests/a.py", "a.yaml"]))
def test_any_line_is_read(line, path):
    for one in secrets_of(line, path):
        assert line[one.start : one.end] == one.value


@given(st.text("ab", min_size=1, max_size=50))
def test_entropy_is_bounded(text):
    assert 0 <= entropy(text) <= 1
    assert is_example(text)
