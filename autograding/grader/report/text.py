"""The one door through which text that a student can influence reaches a person or a tool.

A name, an exception message or the output of a cell may hold workflow commands,
terminal escapes, markup, spreadsheet formulas or characters nobody can see. Each
sink has its function here; nothing else in the project escapes on its own.
"""

from __future__ import annotations

import html as _html
import re
import tempfile
import unicodedata
from itertools import dropwhile
from pathlib import Path

CUT = " […]"

_ESCAPE_SEQUENCE = re.compile(
    r"\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)?"  # OSC: window titles, links
    r"|\x1b[PX^_][^\x1b\n]*(?:\x1b\\)?"  # DCS, SOS, PM, APC
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # CSI: colours, cursor
    r"|\x1b[ -/]*[0-~]?"
)
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}")
_PATH = re.compile(r"/[^\s'\"<>:,;()]*")
# Our temporary folders and what we lay into them, the kernel's, and where Python and packages lie.
_TEMPORARY = re.compile(r"(?:grading|sandbox|judge|variant)-\w+|ipykernel_\d+")
_INSIDE = ("shown", "package", "trusted", "inside", "home")
_INSTALLED = re.compile(r"site-packages|python3\.\d+")
_LINE_END = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")
# Letters by category that are drawn as nothing at all.
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_VARIATION = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_MARKUP = re.compile(r"[\\`*_\[\]|~$]")
# What makes a block at the start of a line: a heading, a list, a rule.
_BLOCK_START = re.compile(r"^(\d*)([#+=.)-])")
# GitHub looks for these in the finished text: mentions, references, addresses, emoji.
_REFERENCE = re.compile(r"@|#|www(?=\.)|GH-|(?:https?|ftp)(?=:)|:(?=[\w+-]+:)", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[!-,/:-@\[-`{-~]")
_FORMULA = ("=", "+", "-", "@", "\t", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# A comment in the middle keeps a mention or an address from being one.
_BREAK = "<!-- -->"


def steady(text: str) -> str:
    """A message without what differs from run to run and from machine to machine, so that equal inputs
    give equal bytes: memory addresses, and where temporary folders and packages lie.

    What is left can be written as UTF-8.
    """
    text = text.encode("utf-8", "replace").decode("utf-8")
    # The one folder above ours whose name may hold blanks, at which a path in a text would seem to end.
    for folder in (str(Path(tempfile.gettempdir()).resolve()), tempfile.gettempdir()):
        text = text.replace(f"{folder}/", "/tmp/")  # noqa: S108 - nothing is written there
    return _PATH.sub(lambda found: _steady_path(found.group()), _ADDRESS.sub("0x…", text))


def _steady_path(path: str) -> str:
    parts = path.split("/")
    for place in range(len(parts) - 1, 0, -1):
        if _TEMPORARY.fullmatch(parts[place]):
            return "/".join(["…", *dropwhile(_INSIDE.__contains__, parts[place + 1 :])])
        if _INSTALLED.fullmatch(parts[place]):
            return "/".join(["…", *parts[place:]])
    return path


def visible(text: str) -> str:
    """The text with every line ending as `\\n`, terminal escapes removed and hidden characters shown.

    What controls direction or is drawn as nothing becomes an escape such as
    `\\u{202e}`, so that a reader sees it is there. Every other function here
    starts with this one.
    """
    text = _LINE_END.sub("\n", _ESCAPE_SEQUENCE.sub("", text))
    return "".join(character if _is_shown(character) else _shown(character) for character in text)


def one_line(text: str, limit: int = 300) -> str:
    """The text on one line of at most `limit` characters."""
    return cut(" ".join(visible(text).split()), limit)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters; what was cut off is marked."""
    return text if len(text) <= limit else text[: max(0, limit - len(CUT))] + CUT


def log(text: str, limit: int = 4000) -> str:
    """Lines for a log, none of which the Actions runner can take for a command.

    The runner obeys a line that starts with `::` (after blanks) or has `##[`
    anywhere, and problem matchers read lines from their start, so every line
    gets a mark in front.
    """
    lines = cut(visible(text), limit).split("\n")
    return "\n".join(f"│ {inert(line)}".rstrip() for line in lines)


def terminal(text: str, limit: int = 4000) -> str:
    """Lines for a terminal: nothing that steers it, and nothing that the Actions runner obeys."""
    return "\n".join(map(inert, cut(visible(text), limit).split("\n")))


def log_line(text: str, limit: int = 300) -> str:
    """Text to put inside a line of a log."""
    return inert(one_line(text, limit))


def inert(text: str) -> str:
    """Break what the Actions runner reads as a command: a leading `::`, and `##[` anywhere."""
    text = text.replace("##[", "# #[")
    return text.replace("::", ": :", 1) if text.lstrip().startswith("::") else text


def command_data(text: str) -> str:
    """The message of a workflow command, which the runner decodes again."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def command_property(text: str) -> str:
    """A property of a workflow command, such as a title."""
    return command_data(text).replace(":", "%3A").replace(",", "%2C")


def markdown(text: str, limit: int = 300) -> str:
    """One line of Markdown that shows exactly this text: no markup, links, mentions or references."""
    escaped = _BLOCK_START.sub(r"\1\\\2", _MARKUP.sub(r"\\\g<0>", one_line(text, limit)))
    return _BREAK.join(_html.escape(part, quote=False) for part in _without_references(escaped))


def code(text: str, limit: int = 300) -> str:
    """Inline code that shows exactly this text, also in a table cell.

    Character references inside `<code>` and not backticks: a pipe after a
    backslash would end a table cell inside a code span.
    """
    parts = _without_references(one_line(text, limit))
    shown = (_PUNCTUATION.sub(lambda found: f"&#{ord(found.group())};", part) for part in parts)
    return f"<code>{_BREAK.join(shown)}</code>"


def fence(text: str, limit: int = 1200, lines: int = 20, indent: str = "") -> str:
    """A fenced block, which GitHub shows literally. The fence is longer than any run in the text."""
    rows = cut(visible(text).strip("\n"), limit).split("\n")
    if len(rows) > lines:
        rows = [*rows[:lines], CUT.strip()]
    bar = "`" * max(3, max(map(_longest_run, rows)) + 1)
    return "\n".join((indent + row).rstrip() for row in (f"{bar}text", *rows, bar))


def html(text: str, limit: int = 4000) -> str:
    """Text for HTML content and attribute values."""
    return _html.escape(cut(visible(text), limit), quote=True)


def csv_cell(text: str, limit: int = 1000) -> str:
    """Text for a spreadsheet cell: never a formula, always one line.

    Numbers are not for this function; the csv module quotes what it returns.
    """
    text = one_line(text, limit)
    return "'" + text if text.startswith(_FORMULA) else text


def _is_shown(character: str) -> bool:
    if character in "\n\t":
        return True
    hidden = character in _BLANK_LETTERS or unicodedata.category(character) in _INVISIBLE
    return not hidden and not _VARIATION.match(character)


def _shown(character: str) -> str:
    return f"\\u{{{ord(character):x}}}"


def _without_references(text: str) -> list[str]:
    """The text in parts, none of which GitHub would make a link of."""
    return _REFERENCE.sub("\\g<0>\0", text).split("\0")


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
