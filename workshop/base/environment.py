"""The environment of every command. It has the variables that are named here and no others of the shell.

A shell holds settings of other projects: DATABASE_URL, DJANGO_SETTINGS_MODULE, PYTEST_ADDOPTS, PYTHONPATH. A list of
harmful variables would never be complete, so this is a list of the variables that a command needs. Each command calls
`enter` first; after that, its child processes inherit no other variable.

pip and uv need more: the source of the packages, and a proxy. `for_packages` keeps these variables for pip and uv only.

Standard library only: set-up runs before the rest is there.
"""

import ast
import os
from collections.abc import Mapping
from pathlib import Path

from workshop.base.calls import call

# The person, the machine and the terminal.
SURROUNDINGS = {
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "CI"),
    *("TERM", "COLORTERM", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "PAGER", "GIT_PAGER", "LESS", "LESSCHARSET"),
    *("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "PYENV_ROOT"),
    "WS_FROM",
    *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"),
}
# Settings of a command, as README.md, CONTRIBUTING.md and `make help` name them.
KNOBS = {
    *("DB", "TEST_POSTGRES_URL", "STAGE", "STAGES", "STAGE_DIR", "STEP", "SEED", "HISTORIES", "MAX_EXAMPLES"),
    *("MINUTES", "TITLE", "SPEAKER", "EVENT", "FIRE_SECONDS", "DAY", "GATE_BEGAN"),
    *("ONLY", "ONCE", "QUICK", "STRICT", "SAMPLE", "KILL_RATE_SECONDS", "STAT", "FROM", "TO", "UPGRADE", "REQUEST"),
    *("PYTHON", "PYTHONS", "SYSTEMS", "WHEELS", "WS_WORK", "WS_WALK"),
}
LOCALE = "LC_"
# Certificates and proxies, for pip and uv; everything else here talks only to this machine.
NETWORK = {
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"),
    *("CURL_CA_BUNDLE", "NETRC"),
}
# pip's settings for the source of packages. The others, such as user, target or prefix, set the destination.
SOURCES = {
    *("index-url", "extra-index-url", "find-links", "no-index", "trusted-host", "cert", "client-cert", "proxy"),
    *("timeout", "default-timeout", "retries", "cache-dir", "no-cache-dir", "keyring-provider"),
}
# For a browser: which screen it opens its window on. Only `./ws open` starts one.
WINDOWS = {
    *("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "XDG_CURRENT_DESKTOP", "DESKTOP_SESSION"),
    *("XDG_DATA_DIRS", "XDG_SESSION_TYPE", "BROWSER", "WSL_DISTRO_NAME", "WSL_INTEROP"),
}

_shell = dict(os.environ)  # as it was before `enter`


def made(shell: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables of the shell that a command keeps."""
    return {name: value for name, value in (os.environ if shell is None else shell).items() if _is_ours(name)}


def enter() -> None:
    """Makes this the environment of the process and of all its children."""
    ours = made()
    os.environ.clear()
    os.environ.update(ours)


def called_from() -> Path:
    """The folder in which the person typed the command. `./ws` changes into the repository, so it passes this folder on."""
    return Path(os.environ.get("WS_FROM") or Path.cwd())


def for_packages(pip: str, shell: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for pip and uv. `pip` is the Python whose pip is asked for its settings.

    No settings file is read after that: pip's own answer, reduced to the source of packages, replaces them.
    """
    shell = {**_shell, **os.environ} if shell is None else dict(shell)
    network = {name: value for name, value in shell.items() if name.upper() in NETWORK or name.startswith("UV_")}
    asked = made(shell) | network | {name: value for name, value in shell.items() if name.startswith("PIP_")}
    return made(shell) | network | _sources(pip, asked) | {"PIP_CONFIG_FILE": os.devnull}


def for_windows(shell: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a browser needs to open a window, next to the environment of a command."""
    return {name: value for name, value in (_shell if shell is None else shell).items() if name in WINDOWS}


def of_the_person(shell: Mapping[str, str] | None = None) -> dict[str, str]:
    """The whole environment of the shell, for a program that is the learner's own and no part of a command: an editor."""
    return {**(_shell if shell is None else shell)}


def _sources(pip: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The source of packages in pip's files and variables, as variables. A later line overrides an earlier one."""
    command = [pip, "-m", "pip", "config", "list", "--disable-pip-version-check"]
    listed = call(command, env=environment).stdout
    found = {}
    for place in ("global.", "install.", ":env:."):
        for line in listed.splitlines():
            name, _, value = line.partition("=")
            setting = name.removeprefix(place)
            if name.startswith(place) and setting in SOURCES:
                found[f"PIP_{setting.upper().replace('-', '_')}"] = str(ast.literal_eval(value))
    return found


def _is_ours(name: str) -> bool:
    return name in SURROUNDINGS or name in KNOBS or name.startswith(LOCALE)
