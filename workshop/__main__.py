"""`python -m workshop`: the commands behind the Makefile."""

import sys

import click
from rich.console import Console

from workshop import lint, lock, setup


@click.group()
def cli() -> None:
    """The workshop's commands. `make help` lists them with their reasons."""


@cli.command("lint")
def lint_all() -> None:
    """ruff, mypy and the repository's own rules."""
    console = Console()
    green = True
    for name, command in lint.tools().items():
        console.rule(name, align="left")
        green &= lint.run_tool(command)
    for name, check in lint.CHECKS.items():
        console.rule(name, align="left")
        problems = list(check())
        click.echo("\n".join(map(str, problems)) or "ok")
        green &= not problems
    _end(green)


@cli.command("lock")
@click.option("--upgrade", is_flag=True, envvar="UPGRADE", help="Take the newest versions.")
def lock_groups(upgrade: bool) -> None:
    """Locks all groups again after pyproject.toml has changed."""
    for written in lock.lock(lock.groups(), upgrade=upgrade):
        click.echo(f"locked {written}")


def _end(green: bool) -> None:
    sys.exit(0 if green else 1)


def main() -> None:
    """Turns what can go wrong before a command starts into one clear line."""
    try:
        cli(prog_name="python -m workshop")
    except setup.SetupFailed as problem:
        click.echo(f"Error: {problem}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
