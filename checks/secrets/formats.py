"""Credentials that tell themselves by their form."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from harness.check.interface import Severity


@dataclass(frozen=True)
class Format:
    """One kind of credential. The group ``secret`` of the pattern is the part to hide."""

    rule: str
    what: str
    pattern: re.Pattern[str]
    severity: Severity = "critical"
    random: bool = True
    """Whether the secret part is random: then what has little entropy is an example."""


@dataclass(frozen=True)
class Found:
    """A secret in a line: its kind and where it stands. ``value`` must never leave this pack."""

    rule: str
    what: str
    severity: Severity
    value: str
    start: int
    end: int


def _format(
    rule: str, what: str, pattern: str, severity: Severity = "critical", *, random: bool = True
) -> Format:
    return Format(f"secret-{rule}", what, re.compile(pattern), severity, random)


def _token(rule: str, what: str, body: str, severity: Severity = "critical") -> Format:
    """A credential that stands alone, with letters, digits, dashes and underscores around it excluded."""
    return _format(rule, what, rf"(?<![A-Za-z0-9_])(?P<secret>{body})(?![A-Za-z0-9_-])", severity)


FORMATS = (
    _token("aws-key-id", "an AWS access key id", r"(?:AKIA|ASIA)[A-Z2-7]{16}"),
    _format(
        "aws-secret-key", "an AWS secret access key",
        r"(?i:aws|amazon)[\w-]{0,30}(?i:secret|sk|key)[\w-]{0,20}[\"']?\s{0,5}[:=]\s{0,5}[\"']?"
        r"(?P<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
    ),
    _token("github-token", "a GitHub token", r"gh[pousr]_[A-Za-z0-9]{36,251}|github_pat_\w{60,100}"),
    _token("gitlab-token", "a GitLab token", r"gl(?:pat|dt|rt|cbt|ptt|soat|ft)-[\w-]{20,60}"),
    _token("slack-token", "a Slack token", r"xox[abeoprs]-[\w-]{20,200}|xapp-\d-[\w-]{30,200}"),
    _format("slack-webhook", "a Slack webhook", r"hooks\.slack\.com/services/(?P<secret>T\w{8,}/B\w{8,}/\w{20,})"),
    _format("discord-webhook", "a Discord webhook", r"discord\.com/api/webhooks/(?P<secret>\d{17,20}/[\w-]{60,70})"),
    _token("stripe-key", "a live Stripe key", r"(?:sk|rk)_live_[A-Za-z0-9]{20,120}"),
    _token("google-key", "a Google API key", r"AIza[\w-]{35}", "high"),
    _token("google-oauth", "a Google OAuth client secret", r"GOCSPX-[\w-]{28}"),
    _token(
        "openai-key", "an OpenAI key",
        r"sk-(?:proj|svcacct|admin)-[\w-]{40,200}|sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}",
    ),
    _token("anthropic-key", "an Anthropic key", r"sk-ant-[\w-]{60,140}"),
    _token("huggingface-token", "a Hugging Face token", r"hf_[A-Za-z]{34}"),
    _token("npm-token", "an npm token", r"npm_[A-Za-z0-9]{36}"),
    _token("pypi-token", "a PyPI token", r"pypi-AgE[\w-]{60,300}"),
    _token("docker-token", "a Docker Hub token", r"dckr_pat_[\w-]{27,60}"),
    _token("sendgrid-key", "a SendGrid key", r"SG\.[\w-]{22}\.[\w-]{43}"),
    _format("mailgun-key", "a Mailgun key", r"(?i:mailgun)[^\n]{0,40}\b(?P<secret>key-[0-9a-f]{32})\b", "high"),
    _format("twilio-key", "a Twilio key", r"(?i:twilio)[^\n]{0,40}\b(?P<secret>(?:SK|AC)?[0-9a-f]{32})\b", "high"),
    _token("telegram-token", "a Telegram bot token", r"\d{8,10}:AA[\w-]{33}", "high"),
    _token("shopify-token", "a Shopify token", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    _token("digitalocean-token", "a DigitalOcean token", r"do[opr]_v1_[0-9a-f]{64}"),
    _token("databricks-token", "a Databricks token", r"dapi[0-9a-f]{32}(?:-\d)?"),
    _token("vault-token", "a Vault token", r"hv[sb]\.[\w-]{24,300}"),
    _token("terraform-token", "a Terraform Cloud token", r"[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,70}"),
    _token("newrelic-key", "a New Relic key", r"NRAK-[A-Z0-9]{27}", "high"),
    _token("linear-key", "a Linear key", r"lin_api_[A-Za-z0-9]{40}", "high"),
    _token("grafana-token", "a Grafana token", r"gl(?:sa|c)_[A-Za-z0-9_+/=]{40,200}", "high"),
    _format("azure-storage-key", "an Azure storage key", r"AccountKey=(?P<secret>[A-Za-z0-9+/]{86}==)"),
    _token("age-key", "an age private key", r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    _format(
        "private-key", "a private key",
        r"(?P<secret>-----BEGIN (?:(?:RSA|EC|DSA|OPENSSH|ENCRYPTED|PGP) )?PRIVATE KEY(?: BLOCK)?-----)", random=False,
    ),
    _format(
        "url-password", "a password in an address",
        r"\b[a-z][a-z0-9+.-]{1,20}://[\w.%+-]{0,60}:(?P<secret>[^\s:/@\"'<>{}$()\[\]]{6,120})@[\w.-]+",
        "high", random=False,
    ),
)  # fmt: skip
_HINT = re.compile(
    r"AKIA|ASIA|(?i:aws|amazon|mailgun|twilio)|gh[pousr]_|github_pat_|gl(?:pat|dt|rt|cbt|ptt|soat|ft)-|xox[abeoprs]-|xapp-"
    r"|hooks\.slack|discord|_live_|AIza|GOCSPX|sk-|hf_|npm_|pypi-|dckr_|SG\.|:AA|shp|_v1_|dapi|hv[sb]\.|atlasv1|NRAK|lin_api"
    r"|glsa_|glc_|AccountKey|AGE-SECRET|PRIVATE KEY|://"
)
"""What every format needs; most lines have none of it."""


def formatted(line: str) -> Iterator[Found]:
    """The credentials in a line that tell themselves by their form."""
    if not _HINT.search(line):
        return
    for format_ in FORMATS:
        for match in format_.pattern.finditer(line):
            yield Found(format_.rule, format_.what, format_.severity, match["secret"], *match.span("secret"))


def is_random(rule: str) -> bool:
    """Whether the secrets of a rule of ``FORMATS`` are random."""
    return any(one.rule == rule and one.random for one in FORMATS)
