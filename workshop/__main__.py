"""`python -m workshop`, which `./ws` and the Makefile call: the one command line, which knows all groups of commands."""

import sys

import click

from workshop.base import environment
from workshop.base.commands import ALL
from workshop.base.problems import CommandFailed
from workshop.commands import Sections


@click.group(cls=Sections, sections=ALL, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """The workshop's commands. Without a command, the exercises continue."""


def main() -> None:
    """Starts a command in an environment made for it, and turns what stops it into one clear line."""
    environment.enter()
    try:
        cli(prog_name="./ws")
    except CommandFailed as problem:
        click.echo(f"Error: {problem}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
