"""`python -m workshop`, which `./ws` and the Makefile call: the one command line, which knows all groups of commands."""

import errno
import os
import sys
from typing import NoReturn

import click

from workshop.base import environment
from workshop.base.commands import ALL
from workshop.base.problems import CommandFailed
from workshop.commands import Sections, explain

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # on the disk, for a file or for the output


@click.group(cls=Sections, sections=ALL, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """The workshop's commands. Without a command, the exercises continue."""


def main() -> None:
    """Starts a command in an environment made for it, and turns what stops it into one clear line."""
    environment.enter()
    try:
        try:
            cli(prog_name="./ws")
        finally:
            if sys.stdout:  # None if `>&-` closed it
                sys.stdout.flush()
    except CommandFailed as problem:
        _stop(str(problem))
    except OSError as error:
        if error.errno not in (*NO_ROOM, errno.EPIPE):
            raise
        if sys.stdout:  # Python writes the rest once more when it ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _stop("" if error.errno == errno.EPIPE else explain(error))


def _stop(problem: str) -> NoReturn:
    """Ends the process with a line that says why. A reader that has left, as in `./ws list | head -1`, needs none."""
    if problem:
        click.echo(f"Error: {problem}", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
