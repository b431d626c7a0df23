"""The private writable copy of the tree."""

import os

from harness.sandbox.conformance.world import World, behaviour, equal, expect, refused, says, succeeded

FILES = {"a": "A", "d/b": "B", "d/e/c": "C"}


@behaviour("tree: the job starts in it and sees its files")
def visible(world: World) -> None:
    says(world.shell("pwd; cat a d/b d/e/c", tree=world.make_tree(FILES)), "/tree\nABC")


@behaviour("tree: without one the job starts in /tmp")
def without(world: World) -> None:
    says(world.run("pwd"), "/tmp")  # noqa: S108


@behaviour("tree: the host's folder never changes")
def unchanged(world: World) -> None:
    tree = world.make_tree(FILES)
    succeeded(world.shell("echo x > a; rm -r d; echo new > n; chmod 700 .", tree=tree))
    equal(
        sorted(str(p.relative_to(tree)) for p in tree.rglob("*")), ["a", "d", "d/b", "d/e", "d/e/c"], "files"
    )
    equal((tree / "a").read_text(), "A", "content")


@behaviour("tree: what one job writes no other job sees")
def private(world: World) -> None:
    tree = world.make_tree(FILES)
    succeeded(world.shell("echo x > a", tree=tree))
    says(world.shell("cat a", tree=tree), "A")


@behaviour("tree: files can be changed, removed and added anywhere")
def writable(world: World) -> None:
    code = (
        "echo x >> d/e/c; rm a; mkdir -p new/er; echo y > new/er/f; mv d/b d/e/b2; cat d/e/c d/e/b2 new/er/f"
    )
    says(world.shell(code, tree=world.make_tree(FILES)), "Cx\nBy")


@behaviour("tree: folders can be renamed")
def rename_folder(world: World) -> None:
    code = "import os; os.rename('d', 'D'); os.rename('D/e', 'E'); print(open('E/c').read(), os.listdir('D'))"
    says(world.python(code, tree=world.make_tree(FILES)), "C ['b']")


@behaviour("tree: permissions can be changed")
def change_mode(world: World) -> None:
    says(world.shell("chmod 600 a && stat -c %a a", tree=world.make_tree(FILES)), "600")


@behaviour("tree: programs in it can be run")
def executable(world: World) -> None:
    tree = world.make_tree({"run": "#!/bin/sh\necho ran\n"})
    (tree / "run").chmod(0o755)
    says(world.run("./run", tree=tree), "ran")


@behaviour("tree: symbolic links are kept as links")
def symlinks(world: World) -> None:
    tree = world.make_tree(FILES)
    (tree / "l").symlink_to("d/b")
    (tree / "dangling").symlink_to("/nowhere/at/all")
    says(world.shell("cat l; readlink l dangling", tree=tree), "Bd/b\n/nowhere/at/all")


@behaviour("tree: a link out of it shows nothing of the host")
def link_out(world: World) -> None:
    (world.folder / "secret").write_text("secret")
    tree = world.make_tree(FILES)
    (tree / "l").symlink_to(world.folder / "secret")
    (tree / "u").symlink_to("../secret")
    refused(world.shell("cat l", tree=tree), "reading the host through an absolute link")
    refused(world.shell("cat u", tree=tree), "reading the host through a relative link")


@behaviour("tree: names that are not text are kept")
def odd_names(world: World) -> None:
    tree = world.make_tree(FILES)
    with open(os.fsencode(tree) + b"/\xff\xfe", "w") as stream:  # noqa: PTH123 - pathlib has no bytes
        stream.write("odd")
    says(world.python("print(open(b'/tree/\\xff\\xfe').read())", tree=tree), "odd")


@behaviour("tree: an empty one works")
def empty(world: World) -> None:
    says(world.shell("ls -A; echo x > f; ls -A", tree=world.make_tree({})), "f")


@behaviour("tree: five thousand files work")
def many(world: World) -> None:
    tree = world.make_tree({f"d{n % 50}/f{n}": str(n) for n in range(5000)})
    says(world.shell("find . -type f | wc -l; echo x > d7/f7; cat d7/f7", tree=tree), "5000\nx")


@behaviour("tree: Python does not write compiled files into it")
def no_bytecode(world: World) -> None:
    tree = world.make_tree({"m.py": "x = 1"})
    says(
        world.python("import sys; sys.path.insert(0, '.'); import m, os; print(os.listdir('.'))", tree=tree),
        "['m.py']",
    )


@behaviour("tree: files belong to the job's user")
def ownership(world: World) -> None:
    code = "import os; print(all(os.stat(p).st_uid == os.getuid() for p in ('.', 'a', 'd', 'd/b')))"
    expect(succeeded(world.python(code, tree=world.make_tree(FILES))), "never")
    says(world.python(code, tree=world.folder / "snapshot"), "True")
