"""Git without the reader's own settings.

Signing, hooks, line endings, templates or a missing identity must not change a commit's id or prevent a commit. So each
call gets a clean environment and only the repository's own configuration, and overrides the settings that matter. The
repository is always named, so that git never searches upwards and finds another one.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from workshop.base.problems import CommandFailed

NAME, EMAIL = "Django refactoring workshop", "workshop@example.com"
SETTINGS = (
    *("core.hooksPath=/dev/null", "core.autocrlf=false", "core.safecrlf=false", "core.eol=lf", "core.fsmonitor=false"),
    *("core.excludesFile=/dev/null", "core.attributesFile=/dev/null", "core.quotePath=false"),
    *("commit.gpgSign=false", "tag.gpgSign=false", "i18n.commitEncoding=UTF-8", "i18n.logOutputEncoding=UTF-8"),
    *("gc.auto=0", "maintenance.auto=false", "am.keepcr=false", "mailinfo.scissors=false", "apply.whitespace=nowarn"),
    *("diff.algorithm=histogram", "diff.renames=true", "diff.renameLimit=10000", "diff.noprefix=false"),
    *("diff.mnemonicPrefix=false", "merge.conflictStyle=merge", "rerere.enabled=false"),
)
LASTING = (
    *("core.autocrlf=false", "core.eol=lf", "core.hooksPath=.git/hooks", "commit.gpgSign=false", "tag.gpgSign=false"),
)
"""Settings in our repositories that the reader's own git obeys, too."""

NOWHERE = os.devnull


class GitFailed(CommandFailed):
    """Git refused. `said` is its output."""

    def __init__(self, call: Sequence[str], said: str) -> None:
        self.said = said.strip()
        super().__init__(f"git {' '.join(call)} failed:\n{self.said or '(it wrote nothing)'}")


@dataclass(frozen=True)
class Git:
    """One repository: `folder` holds the working tree and, unless `directory` says otherwise, .git."""

    folder: Path
    directory: Path | None = None
    index: Path | None = None
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def dir(self) -> Path:
        return self.directory or self.folder / ".git"

    def __call__(self, *arguments: str, given: bytes | str = b"") -> str:
        """The call's output, without the line end. Raises GitFailed."""
        return self.raw(*arguments, given=given).decode("utf-8", "replace").rstrip("\n")

    def raw(self, *arguments: str, given: bytes | str = b"") -> bytes:
        """The call's output, unchanged. Raises GitFailed."""
        done = self.run(*arguments, given=given)
        if done.returncode:
            raise GitFailed(arguments, (done.stderr + done.stdout).decode("utf-8", "replace"))
        return done.stdout

    def ask(self, *arguments: str) -> str | None:
        """The call's output; None if git fails."""
        done = self.run(*arguments)
        return None if done.returncode else done.stdout.decode("utf-8", "replace").rstrip("\n")

    def says(self, *arguments: str) -> bool:
        """Whether the call ends with 0."""
        return self.run(*arguments).returncode == 0

    def run(self, *arguments: str, given: bytes | str = b"") -> subprocess.CompletedProcess[bytes]:
        """One call, its output kept."""
        data = given.encode() if isinstance(given, str) else given
        return subprocess.run(
            self.command(*arguments), input=data, cwd=self.folder, env=self.environment(), capture_output=True
        )

    def command(self, *arguments: str) -> list[str]:
        """The whole command. Raises CommandFailed if git is missing."""
        overruled = [part for setting in SETTINGS for part in ("-c", setting)]
        return [_program(), *overruled, *arguments]

    def environment(self) -> dict[str, str]:
        """The environment of each call, the same for everyone."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        alone = {
            "HOME": NOWHERE,
            "XDG_CONFIG_HOME": NOWHERE,
            "GIT_CONFIG_GLOBAL": NOWHERE,
            "GIT_CONFIG_SYSTEM": NOWHERE,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C.UTF-8",
            "LANGUAGE": "C",
            "TZ": "UTC",
            "GIT_EDITOR": "true",
            "GIT_PAGER": "cat",
            "GIT_DIR": str(self.dir),
            "GIT_WORK_TREE": str(self.folder),
        }
        who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in _identity()}
        at = {"GIT_INDEX_FILE": str(self.index)} if self.index else {}
        return kept | alone | who | at | dict(self.more)

    def commit(self, revision: str) -> str | None:
        """The id of the commit that a name stands for; None if there is none."""
        return self.ask("rev-parse", "--quiet", "--verify", f"{revision}^{{commit}}")

    def applied(self, tree: str, patch: bytes, *options: str) -> str:
        """The tree with a patch applied, in an index of its own: no file and no branch changes. Raises GitFailed."""
        with tempfile.TemporaryDirectory(prefix="index-") as made:
            at = replace(self, index=Path(made) / "index")
            at("read-tree", tree)
            at("apply", "--cached", "--whitespace=nowarn", *options, "-", given=patch)
            return at("write-tree")

    def changed_since(self, revision: str, *below: str) -> list[str]:
        """The paths that differ from a revision, removed and untracked ones too; with `below`, those in these folders."""
        listed = self("diff", "--name-only", "--no-renames", "-z", revision, "--", *below).split("\0")
        listed += self("ls-files", "-z", "--others", "--exclude-standard", "--", *below).split("\0")
        return [path for path in listed if path]


def begin(folder: Path, branch: str = "walk") -> Git:
    """Makes a repository in a folder, or keeps the existing one. Git never converts line ends in it."""
    folder.mkdir(parents=True, exist_ok=True)
    git = Git(folder)
    if not (git.dir / "HEAD").exists():
        git("init", "--quiet", "--template=")
        git("symbolic-ref", "HEAD", f"refs/heads/{branch}")
        git.says("config", "--unset", "core.worktree")  # a folder may be renamed
    for setting in LASTING:
        git("config", *setting.split("="))
    (git.dir / "info").mkdir(exist_ok=True)
    (git.dir / "info" / "attributes").write_text("* -text\n")
    return git


def _identity() -> tuple[tuple[str, str], tuple[str, str]]:
    return (("NAME", NAME), ("EMAIL", EMAIL))


def _program() -> str:
    program = shutil.which("git")
    if not program:
        raise CommandFailed(
            "Git is missing, and the walk is a git repository. Install it (Debian, Ubuntu: apt install git; macOS:"
            " xcode-select --install) and run this again."
        )
    return program
