"""Reading manifests: what each format says, and that hostile ones do no harm."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.packs.small_context import load_check, pack_of

load_check(pack_of("dependencies"))
from harness_packs.dependencies.manifests import reader_of  # noqa: E402

LOCK = '[[package]]\nname = "flask"\nversion = "3.0.3"\n'


def read(path, text):
    return reader_of(path)(path, text)


def entries(path, text):
    return [(one.name, one.line, one.source, one.pinned, one.hashed) for one in read(path, text).entries]


def test_requirements():
    text = (
        "# comment\n-r other.txt\nFlask_Login==0.6.3 ; python_version > '3.8'  # why\nrequests[socks]>=2\n"
        "rich == 13.9 \\\n  --hash=sha256:aa\n-e git+https://github.com/a/b.git@main#egg=thing\n./local\nurllib3\n"
        "https://example.com/pkg-1.0.tar.gz\nfoo @ https://example.com/foo.whl\n"
    )
    assert entries("requirements/dev.txt", text) == [
        ("flask-login", 3, "index", True, False),
        ("requests", 4, "index", False, False),
        ("rich", 5, "index", True, True),
        ("thing", 7, "vcs", False, False),
        ("urllib3", 9, "index", False, False),
        ("pkg", 10, "url", True, False),
        ("foo", 11, "url", True, False),
    ]


def test_options_of_requirements():
    text = "--index-url https://a.example/simple\n--extra-index-url=https://b.example\n-f http://c\n"
    assert [(one.kind, one.url, one.line) for one in read("requirements.txt", text).indexes] == [
        ("index", "https://a.example/simple", 1),
        ("extra-index", "https://b.example", 2),
        ("find-links", "http://c", 3),
    ]


def test_pyproject():
    text = (
        '[project]\nname = "Shop"\ndependencies = [\n  "flask>=3",\n  "rich==13.9.4",\n]\n'
        '[project.optional-dependencies]\nx = ["redis"]\n[dependency-groups]\ndev = ["pytest==8.3.4"]\n'
        '[tool.poetry.dependencies]\npython = "^3.11"\nhttpx = "0.27.2"\nthing = {git = "https://x.example/t.git"}\n'
        '[[tool.uv.index]]\nname = "i"\nurl = "https://i.example/simple"\n'
    )
    assert entries("pyproject.toml", text) == [
        ("flask", 4, "index", False, False),
        ("rich", 5, "index", True, False),
        ("redis", 8, "index", False, False),
        ("pytest", 10, "index", True, False),
        ("httpx", 13, "index", True, False),
        ("thing", 14, "vcs", False, False),
    ]
    manifest = read("pyproject.toml", text)
    assert manifest.local == {"shop"}
    assert [one.url for one in manifest.indexes] == ["https://i.example/simple"]


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        ("setup.cfg", "[options]\ninstall_requires =\n  flask>=3\n  rich\n", ["flask", "rich"]),
        ("Pipfile", '[packages]\nflask = "==3.0.3"\n[dev-packages]\nrich = "*"\n', ["flask", "rich"]),
        ("Pipfile.lock", '{"default": {"flask": {"version": "==3.0.3", "hashes": ["sha256:a"]}}}', ["flask"]),
        ("poetry.lock", LOCK, ["flask"]),
        ("package.json", '{"dependencies": {"a": "1.0.0"}, "devDependencies": {"@b/c": "^1"}}', ["a", "@b/c"]),
        ("package.json", '{"dependencies": {"a": "npm:lodash@4.17.21"}}', ["lodash"]),
        ("package-lock.json", '{"packages": {"node_modules/a/node_modules/@b/c": {"version": "1.0.0"}}}', ["@b/c"]),
        ("go.mod", "module x.y/z\ngo 1.22\nrequire (\n\tgithub.com/a/b v1.2.3 // indirect\n)\n", ["github.com/a/b"]),
        ("go.mod", "replace github.com/a/b => github.com/c/d v1.0.0\n", ["github.com/c/d"]),
        ("Dockerfile", "RUN apt-get install git && pip install -i https://x flask 'rich>1' $X\n", ["flask", "rich"]),
        ("build.sh", "npm install --save-dev left-pad@1.3.0 @x/y\nuv pip install -r r.txt\n", ["left-pad", "@x/y"]),
        (".github/workflows/ci.yml", "      - run: python -m pip install pytest==8.3.4\n", ["pytest"]),
    ],
)  # fmt: skip
def test_names_of_each_format(path, text, names):
    assert [one.name for one in read(path, text).entries] == names


@pytest.mark.parametrize(
    "path",
    ["requirements.txt", "pyproject.toml", "setup.cfg", "Pipfile", "Pipfile.lock", "uv.lock", "package.json",
     "package-lock.json", "go.mod", ".npmrc", "Dockerfile"],
)  # fmt: skip
class TestHostile:
    @given(text=st.text(max_size=200))
    def test_any_text_is_read(self, path, text):
        assert all(one.line >= 1 for one in read(path, text).entries)

    @given(
        value=st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["packages", "dependencies", "default", "name", "version", "scripts", "a"]
                    ),
                    inner,
                )
            ),
        )
    )
    def test_any_json_is_read(self, path, value):
        assert all(one.line >= 1 for one in read(path, json.dumps(value)).entries)

    def test_deep_nesting_is_survived(self, path):
        assert read(path, "[" * 100_000).entries == []
        assert read(path, '{"a":' * 100_000).entries == []


def test_other_files_are_no_manifests():
    assert [reader_of(path) for path in ("a.py", "node_modules/a/package.json", "requirements.py")] == [
        None
    ] * 3
