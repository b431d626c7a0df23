"""The picture of a plan: well-formed, escaped, bounded."""

import xml.etree.ElementTree as ElementTree

import pytest

from tests.packs.two_trees import part


def picture(count, followers=0, name="db"):
    planned, drafts, severity = (part("infra_plan", one) for one in ("planned", "drafts", "severity"))
    changes, losses = [], []
    for index in range(count):
        forced = planned.Forced(("engine",), '"a"', '"<b>"')
        change = planned.Planned(f"x.{name}{index}", "x", name, ("delete", "create"), forced=(forced,))
        changes.append(change)
        cascade = tuple(f"y.follower{n}" for n in range(followers))
        losses.append(drafts.Loss((change,), severity.ResourceClass(5, "a data store"), cascade))
    return part("infra_plan", "picture").blast_radius("What <infra> destroys", losses, changes)


@pytest.mark.parametrize(("count", "followers"), [(1, 0), (5, 3), (200, 40)])
def test_it_is_well_formed_and_stays_readable(count, followers):
    tree = ElementTree.fromstring(picture(count, followers).svg)
    height = int(tree.attrib["viewBox"].split()[3])
    assert height < 2000
    texts = [element.text for element in tree.iter() if element.tag.endswith("text")]
    assert ("x.db0" if count <= 24 else f"x × {count}") in texts
    if count > 24 and followers:
        assert f"y × {count * followers}" in texts
    assert any(text.startswith(f"The plan destroys or replaces {count}") for text in texts)


def test_names_are_escaped():
    figure = picture(1, name='"><script>alert(1)</script>')
    assert "<script" not in figure.svg
    ElementTree.fromstring(figure.svg)


def test_nothing_destroyed_is_no_picture():
    assert picture(0) is None
