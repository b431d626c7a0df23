"""Examples of formats whose grammar is nowhere in the function: addresses, dates, markup, queries.

Names and documentation choose among them; the search varies them token by token.
"""

from __future__ import annotations

import re

EXAMPLES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        r"ur[li]s?|links?|href|web|http|scheme|query|netloc|host|domain",
        (
            "https://User:Pass@Example.COM:8080/a/b.html?x=1&y=2&x=#Top",
            "http://example.com",
            "ftp://a.b/c;d?e",
            "//example.org/%7Ea/../b?q=a+b",
            "mailto:me@example.com",
            "a=1&b=&a=%20x",
            "example.com:443",
            "irc://h/x",
        ),
    ),
    (r"mail|addr|contact", ("me@example.com", "First.Last+tag@Sub.Example.org", '"A B" <a@b.co>')),
    (
        r"ips?|addr|network|cidr|host|subnet",
        ("192.168.0.1", "10.0.0.0/8", "::1", "2001:db8::8a2e:370:7334", "[::1]:80"),
    ),
    (
        r"dates?|time|when|day|moment|stamp|iso|timestamp|parse|calendar",
        (
            "2024-02-29",
            "2024-02-29T12:30:00+02:00",
            "29.02.2024",
            "12:30",
            "Thu, 29 Feb 2024 12:30:00 GMT",
            "20240229T123000Z",
            "2024-W09-4",
            "1 Jan 2023 5 pm",
        ),
    ),
    (
        r"duration|interval|delta|period|seconds|timeout",
        ("1h30m", "90s", "1 day, 2:03:04", "PT1H30M", "2 weeks"),
    ),
    (
        r"version|release|require|spec|package|wheel|semver|tag",
        (
            "1.2.3",
            "1.0.0-rc.1+b.5",
            "v2.0",
            "1.0.post1",
            "2!1.0a1.dev3",
            ">=1.0,<2.0",
            "==1.0.*",
            "~=1.4.2",
            "Name[extra]>=1.0; python_version<'3'",
            "name-1.0-py3-none-any.whl",
            "name-1.0.tar.gz",
        ),
    ),
    (
        r"html|xml|markup|tags?|element|escape|render|soup|text|unescape",
        (
            '<p class="a">x &amp; y</p>',
            "<br/>",
            "<a href='b'>c<!-- d --></a>",
            "&lt;&#39;&nbsp;&copy",
            "<x><y>1</y></x>",
        ),
    ),
    (
        r"markdown|md|render|inline|block|convert|parse",
        (
            "# T\n\ntext *a* **b** `c`\n",
            "- a\n  - b\n- c\n",
            "1. a\n2. b\n\n> q\n",
            "[a](b 'c') ![d](e)\n",
            "a | b\n--|--\n1 | 2\n",
            "```py\nx\n```\n",
        ),
    ),
    (
        r"json|dumps?|loads?|data|payload|query|search|path",
        ('{"a": [1, null, {"b": "c"}]}', "[1, 2]", "a.b[0].c", "$.a"),
    ),
    (
        r"sql|statement|query|split|format|parse",
        (
            "select a, b from t where c = 1; -- d\nselect 2",
            "CREATE TABLE t (a int, b text);\nGO\nINSERT INTO t VALUES (1)",
            "update t set a='x;y' where b in (1,2)",
            "begin; select 1; end;",
        ),
    ),
    (r"csv|rows?|fields?|table|line|split|record", ('a,"b ""c"",d",e', "a;b;c\n1;;3", "k: v", "x\ty\n1\t2")),
    (
        r"ini|config|env|settings|option|conf|section|toml|yaml|parse",
        (
            "[s]\na = 1\nb: two ; c\n",
            "export A='b c' # d\nE=${A}x\n",
            'a = [1, 2]\n[t]\nb = "c"\n',
            "a:\n  - b\n  - c: 1\n",
        ),
    ),
    (
        r"argv?|command|args|shell|cli|quote",
        ("-v --name=x file 'a b'", 'cmd "a b" | grep c', "--flag -n 3 -- x"),
    ),
    (
        r"paths?|file|name|dir|glob|folder|ext",
        ("a/b/../c.tar.gz", "/x//y/", "C:\\a\\b.txt", "~/n.txt", "**/*.py", "a b.TXT"),
    ),
    (
        r"expr|formula|eval|calc|token|equation|rule|condition",
        ("1 + 2 * (3 - 4) / 5", "a and not b or c", "f(x, 2)", "-2^2"),
    ),
    (r"colou?rs?|rgb|hex", ("#ff00AA", "#fff", "rgb(1, 2, 3)", "red", "hsl(120, 50%, 50%)")),
    (
        r"phone|tel|number|iban|card|isbn|luhn|amount|price|money",
        (
            "+49 30 123456",
            "GB82 WEST 1234 5698 7654 32",
            "4111111111111111",
            "978-3-16-148410-0",
            "1,234.50",
            "€ 12,50",
        ),
    ),
    (r"cron|schedule|crontab", ("*/5 0 1 * *", "0 9 * * mon-fri", "@daily")),
    (
        r"words?|title|sentence|slug|name|camel|snake|case|plural|singular|label|wrap|width|text|indent",
        (
            "The Quick brown-fox  jumps",
            "HTTPServerError2",
            "snake_case_name",
            "it's  a\ttab\nnew line",
            "  lead",
            "quizzes",
        ),
    ),
    (
        r"format|template|pattern|fmt|interpolat|string",
        ("{a!r:>10} {0.b[c]} {{x}}", "%(a)s %5.2f %%", "$a ${b} $$", "{:d}-{:02}"),
    ),
    (
        r"cookie|header|mime|content|accept|disposition|encoding",
        (
            "a=b; Path=/; HttpOnly",
            'text/html; charset="utf-8"',
            "text/*;q=0.5, */*",
            'form-data; name="a"; filename="b.c"',
        ),
    ),
    (
        r"roman|base|binary|hexa|octal|int|bits|size|bytes",
        ("XIV", "0x1F", "-0b101", "1e3", "1_000", "10 MB", "5.5GiB"),
    ),
)  # fmt: skip
ALL = tuple(example for _, examples in EXAMPLES for example in examples)
WORD = re.compile(r"[A-Za-z][a-z]*|[A-Z]+(?![a-z])")


def examples(*names: str) -> list[str]:
    """Examples of the formats that the names speak of, the first names' examples first."""
    found: list[str] = []
    for name in names:
        words = {word.lower() for word in WORD.findall(name)}
        for pattern, texts in EXAMPLES:
            if any(re.fullmatch(pattern, word) for word in words):
                found += [text for text in texts if text not in found]
    return found
