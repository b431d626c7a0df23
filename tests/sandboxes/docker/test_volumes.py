"""Volumes of uploads: what is still in use when it is to go is removed at the end."""

import docker.errors

from tests.sandboxes.docker import module


class Engine:
    """Volumes that a container holds until ``held`` is false."""

    def __init__(self) -> None:
        self.held = True
        self.removed: list[str] = []

    def remove_volume(self, name: str, force: bool) -> None:
        if self.held:
            raise docker.errors.APIError("volume is in use")
        self.removed.append(name)


def test_a_volume_that_was_in_use_is_removed_at_the_end() -> None:
    engine = Engine()
    volumes = module("volumes").Volumes(engine, "image", None)
    volumes._remove("one")
    engine.held = False
    volumes.close()
    volumes.close()
    assert engine.removed == ["one"]
