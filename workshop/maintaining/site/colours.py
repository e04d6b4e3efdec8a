"""Code as HTML, one text for each line, coloured by Pygments while the site is built."""

from functools import cache
from html import escape

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_for_filename
from pygments.lexers.configs import IniLexer
from pygments.lexers.special import TextLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String, _TokenType
from pygments.util import ClassNotFound

# A colour has one letter: a stage has ten thousand lines.
LETTERS: tuple[tuple[_TokenType, str], ...] = (
    (Comment, "c"),
    (String, "s"),
    (Number, "m"),
    (Keyword, "k"),
    (Operator.Word, "k"),
    (Name.Decorator, "d"),
    (Name.Function, "f"),
    (Name.Class, "f"),
    (Name.Builtin, "b"),
    (Name.Exception, "b"),
)


def lines(path: str, text: str) -> list[str]:
    """Each line of a file as HTML."""
    done = [""]
    for kind, value in _lexer(path).get_tokens(text):
        letter = _letter(kind)
        for number, part in enumerate(value.split("\n")):
            if number:
                done.append("")
            if part:
                done[-1] += (
                    f"<i class={letter}>{escape(part, quote=False)}</i>" if letter else escape(part, quote=False)
                )
    return done if done[-1] else done[:-1]


@cache
def _letter(kind: _TokenType) -> str:
    return next((letter for parent, letter in LETTERS if kind in parent), "")


def _lexer(path: str) -> Lexer:
    options = {"stripnl": False, "ensurenl": False}
    if path.rsplit("/", 1)[-1] == ".importlinter":
        return IniLexer(**options)
    try:
        return get_lexer_for_filename(path, **options)
    except ClassNotFound:
        return TextLexer(**options)
