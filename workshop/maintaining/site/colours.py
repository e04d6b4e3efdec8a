"""Code as HTML, one text for each line, coloured by Pygments while the site is built."""

from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from itertools import groupby

from pygments.lexer import Lexer
from pygments.lexers import find_lexer_class_for_filename
from pygments.lexers.special import TextLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String, _TokenType

# A colour has one letter: a stage has ten thousand lines.
LETTERS: Mapping[str, Sequence[_TokenType]] = {
    "c": [Comment],
    "s": [String],
    "m": [Number],
    "k": [Keyword, Operator.Word],
    "d": [Name.Decorator],
    "f": [Name.Function, Name.Class],
    "b": [Name.Builtin, Name.Exception],
}


def lines(path: str, text: str) -> list[str]:
    """Each line of a file as HTML. Neighbours of one colour are one element, which keeps the Road small."""
    done = [""]
    tokens = _lexer(path).get_tokens(text)
    for letter, neighbours in groupby(tokens, lambda token: _letter(token[0])):
        code = escape("".join(value for _, value in neighbours), quote=False)
        for number, part in enumerate(code.split("\n")):
            if number:
                done.append("")
            if part:
                done[-1] += f"<i class={letter}>{part}</i>" if letter else part
    return done if done[-1] else done[:-1]


@cache
def _letter(kind: _TokenType) -> str:
    return next((letter for letter, kinds in LETTERS.items() if any(kind in parent for parent in kinds)), "")


def _lexer(path: str) -> Lexer:
    known = "setup.ini" if path.endswith(".importlinter") else path
    lexer = find_lexer_class_for_filename(known) or TextLexer
    return lexer(stripnl=False, ensurenl=False)
