"""Whether a text is a credential in use, or an example, a placeholder, a reference, a hash."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from .formats import Found

_PLACEHOLDER = re.compile(
    r"example|sample|dummy|fake|placeholder|change[-_ ]?me|replace|your[-_ ]?|insert|todo|fixme|redacted|hidden|masked"
    r"|secret[-_ ]?here|not[-_ ]?a[-_ ]?|xxx|\*\*\*|\.\.\.|…|<[^>]*>|\$\{|\{\{|\$\(|%\(|%s|\{[\w.]*\}|^\$\w|foo"
    r"|bar(?![a-z])|lorem|test|mock|demo|default|password|passwd|passphrase|hunter2|12345|abcdef|qwerty|letmein"
    r"|correct[- ]horse|none|null|undefined|insecure|unsafe|local(?:host|dev)?$|^dev",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(
    r"example|xxxx|\*\*\*|\.\.\.|0{8}|1234567|abcdefg|deadbeef|your|fake|dummy|test(?:key|token)",
    re.IGNORECASE,
)
_HINT = re.compile(r"passw|passphrase|pwd|secret|token|key|credential|connection", re.IGNORECASE)
_NAME = (
    r"(?P<name>[\w.-]{0,40}?(?:password|passwd|passphrase|pwd|secret|token|api[-_]?key|access[-_]?key|auth[-_]?key"
    r"|private[-_]?key|client[-_]?secret|signing[-_]?key|encryption[-_]?key|credentials?|connection[-_]?string)"
    r"[\w.-]{0,20}?)"
)
_QUOTED = re.compile(
    _NAME + r"[\"']?\]?\s{0,8}(?::\s{0,3}[\w\[\]| .]{1,40}=|:=|=>|:|=)\s{0,8}[rbuf]{0,2}"
    r"(?P<quote>[\"'`])(?P<secret>[^\"'`\s]{8,200})(?P=quote)",
    re.IGNORECASE,
)
_ARGUMENT = re.compile(_NAME + r"[\"']\s{0,4},\s{0,4}[\"'](?P<secret>[^\"'`\s]{8,200})[\"']", re.IGNORECASE)
_PLAIN = re.compile(
    r"^\s*(?:export\s+|-\s+|ENV\s+|ARG\s+)?[\"']?"
    + _NAME
    + r"[\"']?\s*[:=]\s*(?P<secret>[^\s\"'`#;,][^\s\"'`;,]{7,199})\s*(?:\s#.*)?$",
    re.IGNORECASE,
)
_NO_SECRET_NAME = re.compile(
    r"(?:_|-|\.)?(?:name|id|ids|file|path|url|uri|endpoint|field|header|type|prefix|suffix|length|len|count|size|limit|ttl|expiry"
    r"|expires?(?:_\w+)?|regex|pattern|policy|algorithm|hash(?:er)?|label|title|help|hint|message|env|var|param|class|style|arn|ref"
    r"|public|kind|format|version|placeholder|scopes?|strategy|location|column|attr|pubkey)$"
    r"|^(?:max|min|num|n|total|next|prev|page|public|hashed|csrf|tokenizer|tokeni[sz]e)",
    re.IGNORECASE,
)  # fmt: skip
_HEX = re.compile(r"[0-9a-fA-F]+")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_REFERENCE = re.compile(
    r"[a-z]+://\S*|(?:arn|vault|ssm|op|secretsmanager|sha\d+|md5|env|file|data|urn|kms)[:/].*|/?(?:[\w.-]+/)+[\w.-]*|[\w-]+(?:\.[\w-]+)+"
    r"|[A-Z][A-Z0-9_]*|[\w.]+\(.*|.*\)$|\$2[aby]\$.*|\$argon2.*|\$6\$.*|pbkdf2.*|scrypt:.*|@.*|process\.env.*|os\.environ.*|!.*",
)


def entropy(text: str) -> float:
    """Shannon entropy in bits per character."""
    counts = Counter(text)
    return (
        -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values()) if text else 0.0
    )


def is_example(value: str) -> bool:
    """Whether a text in the form of a provider's credential is an example: words, runs, little entropy."""
    body = re.sub(r"^[A-Za-z]{2,10}[-_.]", "", value)
    return bool(_EXAMPLE.search(value)) or entropy(body) < 2.7 or _has_run(body)


def _has_run(text: str) -> bool:
    """Eight characters that are equal or follow each other."""
    for step in (0, 1, -1):
        length = 1
        for before, after in pairwise(text):
            length = length + 1 if ord(after) - ord(before) == step else 1
            if length >= 8:
                return True
    return False


def assigned(line: str, *, plain: bool) -> Iterator[Found]:
    """Values that a line gives to a name which says that it is secret.

    ``plain``: the file is one of settings, where values stand without quotes.
    """
    if not _HINT.search(line):
        return
    patterns = (_QUOTED, _ARGUMENT, _PLAIN) if plain else (_QUOTED, _ARGUMENT)
    for pattern in patterns:
        for match in pattern.finditer(line):
            name, value = match["name"], match["secret"]
            if _NO_SECRET_NAME.search(name) or not is_credential(name, value):
                continue
            yield Found(
                "secret-assigned", f"a value for '{name[-40:]}'", "high", value, *match.span("secret")
            )


def is_credential(name: str, value: str) -> bool:
    """Whether a value of a secret's name is one in use. Errs towards no."""
    if _PLACEHOLDER.search(value) or _REFERENCE.fullmatch(value) or _UUID.fullmatch(value):
        return False
    if value.lower().replace("-", "_") in name.lower().replace("-", "_") or _has_run(value):
        return False
    if _HEX.fullmatch(value):
        return len(value) >= 20 and entropy(value) >= 2.8
    classes = sum(bool(re.search(kind, value)) for kind in ("[a-z]", "[A-Z]", "[0-9]", r"[^\w\s-]"))
    human = re.search(r"pass|pwd", name, re.IGNORECASE)
    if human:
        return classes >= 3 or (
            classes == 2 and len(value) >= 10 and bool(re.search("[0-9]", value)) and not _words(value)
        )
    return len(value) >= 16 and classes >= 2 and entropy(value) >= 3.2 and not _words(value)


def _words(value: str) -> bool:
    """Words joined by dashes or underscores, or one in camel case: a name, not a secret."""
    if re.fullmatch(r"[a-z]+(?:[-_.:][a-z0-9]+)*|[A-Z][a-z]+(?:[A-Z][a-z]+)*|[a-z]+(?:[A-Z][a-z]+)+", value):
        return True
    parts = re.split(r"[-_.:/]", value)
    return len(parts) >= 3 and all(re.fullmatch(r"[A-Za-z]*|\d{1,4}", part) for part in parts)
