"""What a Dockerfile builds, stage by stage, and what head's image newly is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .hazard import Hazard

NAME = re.compile(
    r"(?:^|/)(?:(?:Dockerfile|Containerfile)(?:[.-][\w.-]+)?|[\w.-]+\.dockerfile)$", re.IGNORECASE
)
_HEREDOC = re.compile(r"<<-?[\"']?(\w+)[\"']?")
_FETCHED = re.compile(
    r"\b(?:curl|wget)\b[^|;&\n]*\|\s*(?:sudo\s+(?:-\S+\s+)*)?(?:\w+=\S+\s+)*(?:(?:ba|z|da|k)?sh|python[\d.]*|perl)\b"
    r"|\b(?:ba|z|da)?sh\s+(?:-c\s+)?[\"']?(?:<\(|\$\()\s*(?:curl|wget)\b"
)
_UNCHECKED = re.compile(
    r"\bcurl\b(?=[^|;&\n]*\s(?:-\w*k\w*|--insecure)\b)|\bwget\b[^|;&\n]*--no-check-certificate"
    r"|PYTHONHTTPSVERIFY=0|NODE_TLS_REJECT_UNAUTHORIZED=[\"']?0|GIT_SSL_NO_VERIFY=|http\.sslVerify[= ]false"
    r"|--allow-unauthenticated|--no-gpg-check|--nogpgcheck"
)
_WORLD = re.compile(r"\bchmod\s+(?:-\S+\s+)*(?:0?777|a\+rwx|a=rwx|ugo\+rwx)\b")
_ROOT = ("", "0", "root")


@dataclass
class Stage:
    """One stage. ``user`` is the last one that it names, with that of the stage that it is built on."""

    name: str
    image: str
    line: int
    user: str = ""
    user_line: int = 0
    commands: list[tuple[int, str]] = field(default_factory=list)


def stages(text: str) -> list[Stage]:
    """The stages in their order."""
    found: list[Stage] = []
    arguments: dict[str, str] = {}
    for line, word, rest in _instructions(text):
        if word == "ARG" and not found:
            name, _, value = rest.partition("=")
            arguments[name.strip()] = value.strip().strip("\"'")
        elif word == "FROM":
            found.append(_stage(rest, line, arguments, found))
        elif found and word == "USER":
            found[-1].user, found[-1].user_line = rest.split(":")[0].strip(), line
        elif found and word in ("RUN", "ADD", "ENV", "ARG"):
            found[-1].commands.append((line, f"{word} {rest}"))
    return found


def _stage(rest: str, line: int, arguments: dict[str, str], before: list[Stage]) -> Stage:
    words = [word for word in rest.split() if not word.startswith("--")]
    image = words[0] if words else ""
    image = re.sub(r"\$\{?(\w+)(?::?-([^}]*))?\}?", lambda m: arguments.get(m[1]) or m[2] or m[0], image)
    name = words[2] if len(words) > 2 and words[1].lower() == "as" else ""
    parent = next((one for one in reversed(before) if one.name and one.name.lower() == image.lower()), None)
    if parent:
        return Stage(name, parent.image, line, parent.user, parent.user_line)
    return Stage(name, image, line, "nonroot" if "nonroot" in image else "")


def _instructions(text: str) -> Iterator[tuple[int, str, str]]:
    """(line, instruction, the rest with continued lines joined)."""
    lines, index = text.split("\n"), 0
    while index < len(lines):
        number, line = index + 1, lines[index].strip()
        index += 1
        if not line or line.startswith("#"):
            continue
        while line.endswith("\\") and index < len(lines):
            more = lines[index].strip()
            index += 1
            line = line[:-1] + " " + ("" if more.startswith("#") else more)
            line = line + "\\" if more.startswith("#") else line
        document = _HEREDOC.search(line)
        while document and index < len(lines) and lines[index].strip() != document[1]:
            line += "\n" + lines[index]
            index += 1
        index += bool(document)
        word, _, rest = line.partition(" ")
        yield number, word.upper(), rest.strip()


def hazards_of(base: str | None, head: str) -> Iterator[Hazard]:
    """What head's final image newly is, and what its build newly runs unseen."""
    before, after = stages(base or ""), stages(head)
    if not after:
        return
    if before:
        yield from _user(before[-1], after[-1])
        yield from _moving(before, after)
    yield from _commands(before, after)


def _user(before: Stage, after: Stage) -> Iterator[Hazard]:
    if before.user not in _ROOT and after.user in _ROOT:
        yield Hazard(
            "containers-root", "medium", "user", "The image runs as root",
            f"Base's image runs as {before.user}, head's as root: whoever takes over the program owns the container, "
            "and is one mistake away from the host.",
            "Keep the USER instruction, after the last step that needs root.", after.user_line or after.line,
            cwe=("CWE-250",),
        )  # fmt: skip


def _fixed(image: str) -> int:
    """2: by digest, 1: by the tag of a version, 0: whatever is newest. Other images than those: 3."""
    name, _, digest = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    if digest or image in ("", "scratch") or "$" in image:
        return 2 if digest else 3
    return 1 if re.search(r"\d", tag) else 0


def _moving(before: list[Stage], after: list[Stage]) -> Iterator[Hazard]:
    had = min((_fixed(one.image) for one in before), default=3)
    for stage in after:
        if _fixed(stage.image) == 0 and had > 0:
            yield Hazard(
                "containers-image-moves", "medium", f"image {stage.image}",
                f"The image is built on whatever {stage.image} is at that moment"[:150],
                f"Base fixes the versions of the images that it builds on; '{stage.image}' has no version.",
                "Give the version, or better the digest.", stage.line, cwe=("CWE-829",),
            )  # fmt: skip
            return


def _commands(before: list[Stage], after: list[Stage]) -> Iterator[Hazard]:
    """Risky steps that no stage of base has."""
    known = {risk.key for stage in before for risk in _risks(stage)}
    yield from (risk for stage in after for risk in _risks(stage) if risk.key not in known)


def _risks(stage: Stage) -> Iterator[Hazard]:
    for line, command in stage.commands:
        fetched, unchecked, world = (one.search(command) for one in (_FETCHED, _UNCHECKED, _WORLD))
        remote = re.match(r"ADD\s+(?!.*--checksum)(?:--\S+\s+)*(http\S+)", command)
        if fetched or remote:
            what = " ".join((fetched[0] if fetched else remote[1] if remote else "").split())[:200]
            yield Hazard(
                "containers-runs-fetched-code", "medium", f"fetched {what}",
                "The build takes code from the network unseen",
                f"'{what}' takes whatever the server sends at that moment into the image.",
                "Fetch a fixed version and check its digest.", line, cwe=("CWE-494",),
            )  # fmt: skip
        if unchecked:
            yield Hazard(
                "containers-unchecked-transfer", "medium", f"unchecked {unchecked[0]}"[:300],
                "The build does not check who it talks to",
                f"'{unchecked[0][:120]}' turns the check of certificates or signatures off.",
                "Install the certificate that is missing.", line, cwe=("CWE-295",),
            )  # fmt: skip
        if world:
            yield Hazard(
                "containers-world-writable", "low", f"world {world[0]}",
                "Files of the image can be changed by every user",
                f"'{world[0]}' lets whoever runs in the container replace the program.",
                "Give the files to the one user that needs them.", line, cwe=("CWE-732",),
            )  # fmt: skip
