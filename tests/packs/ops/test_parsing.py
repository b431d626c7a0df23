"""Reading shell text and options without running anything."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.packs.guests import CHECKS, guest

parse, effects, paths, sql = (guest("ops", name) for name in ("parse", "effects", "paths", "sql"))
TABLE = tomllib.loads((CHECKS / "ops" / "rules" / "tools.toml").read_text())
WORDS = st.text(alphabet=" abz-=/*.$\"'`(){}[]|&;<>\\\n~!#:é", max_size=60)


@given(WORDS)
def test_any_text_is_read_without_an_error(text):
    for line, argv in parse.commands(text):
        assert 1 <= line <= text.count("\n") + 1
        assert argv


@given(st.lists(st.text(alphabet="abn-=/ ", max_size=12), max_size=8))
def test_no_word_of_a_call_is_lost_or_invented(argv):
    words, flags = parse.options(argv, {"values": ["-n"], "alias": {"-n": "--namespace"}})
    assert all(word in argv for word in words)
    assert len(words) + len(flags) <= len(argv)


@given(st.text(max_size=30), st.lists(st.text(max_size=20), max_size=6))
def test_any_call_is_judged_without_an_error(tool, argv):
    judge = effects.Judge(TABLE)
    for name in (tool, "kubectl", "aws", "rm", "psql", "ssh", "git", "python"):
        call = {"tool": name, "argv": argv or ["x"], "stdin": "", "files": {}, "cwd": "/tmp/replay/work"}
        for effect in judge.of_call(call):
            assert effect["severity"] in ("critical", "high", "medium")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sudo -u app FOO=1 kubectl get ns", [["kubectl", "get", "ns"]]),
        ("if a && ! b; then c; fi", [["a"], ["b"], ["c"], ["fi"]]),
        ("a <<EOF\nrm -rf /\nEOF\nb", [["a"], ["b"]]),
        ("x | xargs -n 1 rm -f", [["x"], ["rm", "-f"]]),
        ("a \\\n  b  # c", [["a", "b"]]),
        ("v=$(aws s3 ls)", [["aws", "s3", "ls"]]),
    ],
)
def test_commands_of_shell_text(text, expected):
    found = [argv for _, argv in parse.commands(text)]
    assert [argv for argv in expected if argv in found] == expected


@pytest.mark.parametrize(
    ("call", "severity"),
    [
        ("aws ec2 terminate-instances --instance-ids i-1", "high"),
        ("aws kms schedule-key-deletion --key-id k", "critical"),
        ("aws sqs delete-message --queue-url q", None),
        ("aws ec2 describe-instances --filters delete", None),
        ("aws --region x s3 rb s3://b", "critical"),
        ("az group delete --name prod --yes", "high"),
        ("gcloud compute disks delete d", "critical"),
        ("gcloud projects list", None),
        ("kubectl delete pvc/data", "critical"),
        ("kubectl delete pod x", None),
        ("kubectl delete ns a --dry-run=client", None),
        ("terraform destroy", "critical"),
        ("terraform plan -destroy", None),
        ("terraform apply plan.out", None),
        ("git push origin +main", "high"),
        ("git push origin main --force-with-lease", None),
        ("docker volume rm x", "high"),
        ("docker image rm x", None),
        ("rsync -a --delete a/ host:/srv/a/", "high"),
        ("rsync -a a/ host:/srv/a/", None),
        ("redis-cli -h r FLUSHALL", "critical"),
        ("redis-cli get x", None),
        ("flyctl apps destroy shop", "high"),
        ("heroku apps:destroy shop", "high"),
        ("rm -rf /var/lib/postgresql", "high"),
        ("rm -rf /", "critical"),
        ("rm -rf /tmp/x", None),
        ("dd if=/dev/zero of=/dev/sda", "critical"),
        ("find /srv -delete", "critical"),
        ("find /var/backups -mtime +7 -delete", None),
        ("mongosh --eval db.orders.drop()", "critical"),
        ("curl -X DELETE https://search/orders", "high"),
        ("curl -X DELETE http://localhost:9200/x", None),
        ("systemctl disable --now postgresql", "high"),
        ("systemctl restart postgresql", None),
        ("crontab -r", "high"),
    ],
)
def test_what_a_call_would_destroy(call, severity):
    tool, *argv = call.split()
    said = effects.Judge(TABLE).of_call(
        {"tool": tool, "argv": argv, "stdin": "", "files": {}, "cwd": "/tmp/replay/work"}
    )
    assert [one["severity"] for one in said] == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("DROP TABLE a; drop schema b cascade; TRUNCATE c", 3),
        ("DELETE FROM a WHERE id = 1; UPDATE b SET x = 1 WHERE y", 0),
        ("DELETE FROM a; UPDATE b SET x = 1;", 2),
        ("-- DROP TABLE a\n/* TRUNCATE b */ SELECT 1", 0),
        ("CREATE TEMP TABLE t (a int); DROP TABLE t", 0),
    ],
)
def test_destructive_statements(text, count):
    assert len(list(sql.sql_effects("psql", [text]))) == count


def test_two_spellings_of_one_call_have_one_key():
    judge = effects.Judge(TABLE)
    keys = set()
    for text in (
        "-n shop delete secrets old",
        "delete secrets old --namespace=shop",
        "delete --namespace shop secrets old",
    ):
        call = {"tool": "kubectl", "argv": text.split(), "stdin": "", "files": {}, "cwd": "/"}
        keys |= {effect["key"] for effect in judge.of_call(call)}
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("line", "argv"),
    [
        (": > /srv/app/queue", ["truncate", "-s", "0", "/srv/app/queue"]),
        ('> "$state/queue.jsonl"', ["truncate", "-s", "0", "$state/queue.jsonl"]),
        ("cat /dev/null > /srv/app/queue", ["truncate", "-s", "0", "/srv/app/queue"]),
        ("cat list > /srv/app/queue", ["cat", "list"]),
        ("echo x >> /srv/app/queue", ["echo", "x"]),
    ],
)
def test_a_file_emptied_by_a_redirection_is_read_as_a_command(line, argv):
    assert next(found for _line, found in parse.commands(line)) == argv
