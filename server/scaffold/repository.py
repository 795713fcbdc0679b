"""The files of a new family's repository: the templates beside this module, filled in."""

import re
from binascii import crc32
from collections.abc import Iterator, Mapping
from pathlib import Path

from plugins.contract import Family
from plugins.loading import our_version

TEMPLATES = Path(__file__).parent / "template"
SUFFIX = ".template"
"""Ends every template: no tool takes one for the file that it becomes."""

PLACE = re.compile(r"\{\{(\w+)\}\}")
CODE = re.compile(r"[a-z][a-z0-9_]{1,30}")
LABEL = re.compile(r"""[^"\\{}\x00-\x1f\x7f]{2,100}""")
"""What can stand in a string of Python and of TOML, in a quoted cell of CSV, and in a page of Markdown."""


class CannotWrite(ValueError):
    """Why no repository can be written, in one sentence."""


def values_of(code: str, ministry: str, label: str, taken: Mapping[str, Family]) -> dict[str, str]:
    """What stands in the places of the templates. Raises `CannotWrite` for a code or a label that cannot be."""
    if CODE.fullmatch(code) is None:
        raise CannotWrite(f"'{code}' cannot be a code: give 2 to 31 lower-case letters, digits and underscores, a letter first")
    if code in taken:
        raise CannotWrite(f"a family with the code '{code}' is installed here already ({taken[code].label.fr}): give another one")
    for name, value in (("ministry", ministry), ("label", label)):
        if LABEL.fullmatch(value) is None:
            raise CannotWrite(f"the {name} must be 2 to 100 characters without quotation marks, backslashes, braces or line breaks")
    version = our_version()
    major, minor = version.split(".")[:2]
    return {
        "code": code,
        "dashed": code.replace("_", "-"),
        "type": "Diplome" + "".join(word.capitalize() for word in code.split("_")),
        "kind": code.upper(),
        # six characters that no national code begins with: the author replaces them
        "title": f"ZZ{crc32(code.encode()) % 10_000:04}",
        "label": label,
        "ministry": ministry,
        "version": f"{major}.{minor}",
        "next_version": str(int(major) + 1),
    }


def write(folder: Path, values: Mapping[str, str]) -> list[Path]:
    """The files that were written in a folder, which is made. Raises `CannotWrite` when it is there and not empty, or cannot be written."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CannotWrite(f"{folder} is there and is no empty folder: name another one with --directory")
    try:
        return list(_written(folder, values))
    except OSError as error:
        raise CannotWrite(f"{folder} cannot be written ({error.strerror})") from error


def _written(folder: Path, values: Mapping[str, str]) -> Iterator[Path]:
    for template in sorted(TEMPLATES.rglob(f"*{SUFFIX}")):
        file = folder / _place_of(template.relative_to(TEMPLATES), values["code"])
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(PLACE.sub(lambda found: values[found[1]], template.read_text("utf-8")), encoding="utf-8")
        if file.read_bytes().startswith(b"#!"):
            file.chmod(0o755)
        yield file


def _place_of(template: Path, code: str) -> Path:
    """Where the file of a template stands: `package` is the family's package, `dot_` a dot that builders of wheels would leave out."""
    parts = [f"parchemin_{code}" if part == "package" else part.replace("dot_", ".", 1) for part in template.parts]
    return Path(*parts[:-1], parts[-1].removesuffix(SUFFIX))
