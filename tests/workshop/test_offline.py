"""`./ws offline` and set-up from what it made: with packages of one file, but with real pip, hashes and git."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from workshop import ROOT
from workshop.base import doctor, setup, site
from workshop.base.problems import CommandFailed
from workshop.maintaining.packages import offline
from workshop.maintaining.packages.offline import Target

HERE = Target(f"{sys.version_info.major}.{sys.version_info.minor}", doctor.system_name())
NOWHERE = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple/", "PIP_RETRIES": "0", "PIP_NO_INDEX": "0"}
LOCK = """\
bell==1.0 ; python_full_version < '3.12' \\
    --hash=sha256:aaaa \\
    --hash=sha256:bbbb
bell==2.0 ; python_full_version >= '3.12' \\
    --hash=sha256:cccc
    # via
    #   somebody
whistle==1.0 ; sys_platform == 'win32' \\
    --hash=sha256:dddd
drum[brushes]==3.1 \\
    --hash=sha256:eeee
"""


def wheel(folder, name="bell", version="1.0", text="TONE = 'high'\n"):
    """A package of one module; returns its line for a lock file."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": text,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = []
    for path, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest()).rstrip(b"=").decode()
        record.append(f"{path},sha256={digest},{len(content)}")
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""])
    made = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(made, "w") as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path), content)  # a fixed date, so that each wheel has the same hash
    return f"{name}=={version} \\\n    --hash=sha256:{hashlib.sha256(made.read_bytes()).hexdigest()}\n"


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """An environment that packages can be installed into; made once, because that takes seconds."""
    folder = tmp_path_factory.mktemp("repository")
    subprocess.run([sys.executable, "-m", "venv", folder / ".venv"], check=True)
    return folder / ".venv"


@pytest.fixture
def wheels(environment, monkeypatch):
    """The empty folder offline/wheels next to that environment."""
    for name, value in NOWHERE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("WHEELS", raising=False)
    folder = environment.parent / "offline" / "wheels"
    folder.mkdir(parents=True)
    yield folder
    shutil.rmtree(folder.parent)


def locked(environment, line):
    setup.lock_file(setup.BASE, environment.parent).write_text(line)


def contents(wheels, environment, python=HERE.python, groups=(setup.BASE,)):
    """Writes what `./ws offline` says of such a folder."""
    said = {
        "for": [{"python": python, "system": HERE.system}],
        "locks": {group: setup._digest(environment, group) for group in groups},
        "groups": list(groups),
    }
    (wheels / setup.CONTENTS).write_text(json.dumps(said))


def test_set_up_takes_packages_from_the_folder_and_asks_no_index(environment, wheels):
    locked(environment, wheel(wheels))
    contents(wheels, environment)

    setup._install(environment, setup.BASE)

    asked = [setup.interpreter(environment), "-c", "import bell; print(bell.TONE)"]
    assert subprocess.run(asked, capture_output=True, text=True).stdout == "high\n"


def test_a_wheel_that_was_changed_is_refused(environment, wheels):
    locked(environment, wheel(wheels, "horn"))
    contents(wheels, environment)
    wheel(wheels, "horn", text="TONE = 'somebody else s'\n")

    with pytest.raises(setup.CommandFailed, match="DO NOT MATCH THE HASHES"):
        setup._install(environment, setup.BASE)


def test_a_missing_wheel_is_named_with_the_pythons_that_the_folder_is_for(environment, wheels, tmp_path):
    locked(environment, wheel(tmp_path, "gong"))
    contents(wheels, environment, python="3.99")

    with pytest.raises(setup.CommandFailed) as failure:
        setup._install(environment, setup.BASE)

    said = str(failure.value)
    assert f"has no wheel of gong==1.0 for Python {sys.version.split()[0]} on {HERE.system}." in said
    assert f"It was filled for Python 3.99 on {HERE.system}." in said
    assert "make setup WHEELS= installs without the folder" in said


def test_a_folder_that_is_older_than_the_lock_file_says_so(environment, wheels):
    locked(environment, wheel(wheels, "harp"))
    contents(wheels, environment)
    locked(environment, "harp==2.0 \\\n    --hash=sha256:" + "0" * 64 + "\n")

    with pytest.raises(setup.CommandFailed, match=r"other versions than requirements\.txt needs: fill it again"):
        setup._install(environment, setup.BASE)


def test_a_group_that_the_folder_does_not_have_comes_from_the_network(environment, wheels, monkeypatch, capsys):
    called = []
    monkeypatch.setattr(setup, "_run", lambda command, failure: called.append(command))
    contents(wheels, environment)
    setup.lock_file("bench", environment.parent).parent.mkdir(exist_ok=True)
    setup.lock_file("bench", environment.parent).write_text("# nothing\n")

    setup._install(environment, "bench")

    assert "--no-index" not in called[0]
    assert "has no bench packages; they come from the network" in capsys.readouterr().err


def test_the_folder_may_be_named_and_the_stick_itself_too(tmp_path, monkeypatch):
    wheel(tmp_path / "stick" / "wheels")

    for named in (tmp_path / "stick", tmp_path / "stick" / "wheels"):
        monkeypatch.setenv("WHEELS", str(named))
        assert setup.wheels(tmp_path) == tmp_path / "stick" / "wheels"


def test_a_stick_that_is_not_there_is_an_error_and_not_a_download(tmp_path, monkeypatch):
    monkeypatch.setenv("WHEELS", str(tmp_path / "stick"))

    with pytest.raises(setup.CommandFailed, match="Is the USB stick plugged in"):
        setup.wheels(tmp_path)


def test_an_empty_name_forbids_the_folder(tmp_path, monkeypatch):
    (tmp_path / "offline" / "wheels").mkdir(parents=True)
    monkeypatch.delenv("WHEELS", raising=False)
    assert setup.wheels(tmp_path) == tmp_path / "offline" / "wheels"

    monkeypatch.setenv("WHEELS", "")
    assert setup.wheels(tmp_path) is None


@pytest.mark.parametrize(("python", "version"), [("3.11", "1.0"), ("3.12", "2.0"), ("3.14", "2.0")])
def test_a_lock_file_is_read_for_the_python_that_it_is_read_for(python, version):
    text = offline.pinned(LOCK, Target(python, "linux-x86_64"))

    assert [line for line in text.splitlines() if "==" in line] == [f"bell=={version} \\", "drum[brushes]==3.1 \\"]
    assert "whistle" not in text
    assert not text.rstrip().endswith("\\")


@pytest.mark.parametrize("group", offline.GROUPS)
def test_every_pin_of_the_lock_files_is_read(group):
    lock = setup.lock_file(group).read_text()
    everywhere = {
        line.split()[0]
        for python in offline.PYTHONS
        for system in offline.SYSTEMS
        for line in offline.pinned(lock, Target(python, system)).splitlines()
        if "==" in line
    }

    pins = [line for line in lock.splitlines() if "==" in line and not line.startswith((" ", "#"))]
    left_out = {line.split()[0] for line in pins} - everywhere
    assert left_out <= {"async-timeout==5.0.1", "colorama==0.4.6"}, "for Windows, or for the first releases of 3.11"
    assert len(everywhere) > 5


def test_a_python_or_system_that_nothing_is_locked_for_is_refused():
    with pytest.raises(CommandFailed, match=r"3\.9 is not one of 3\.11"):
        offline.targets(["3.9"], [HERE.system])
    with pytest.raises(CommandFailed, match="beos-ppc is not one of linux-x86_64"):
        offline.targets(["3.12"], ["beos-ppc"])


def build_site(root):
    """The pages that `make site` would make."""
    for name in ("index.html", "docs/tour.html"):
        (root / site.FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
        (root / site.FOLDER / name).write_text("a page")


@pytest.fixture
def repository(tmp_path):
    """A committed repository with the files that set-up needs, and a small package instead of the real ones."""
    root = tmp_path / "the repository"
    shutil.copytree(
        ROOT / "workshop" / "base", root / "workshop" / "base", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("__init__.py", "find-python"):
        shutil.copy(ROOT / "workshop" / name, root / "workshop" / name)
    (root / "requirements").mkdir()
    (root / "requirements.txt").write_text(wheel(tmp_path / "index"))
    for group in ("exercises", "lint"):
        (root / "requirements" / f"{group}.txt").write_text("# nothing\n")
    (root / ".gitignore").write_text("/offline/\n/var/\n")
    build_site(root)
    commit = ["-c", "user.name=Mila", "-c", "user.email=mila@example.org", "-c", "commit.gpgsign=false", "commit"]
    for arguments in (["init", "-q"], ["add", "-A"], [*commit, "-qm", "Begin"]):
        subprocess.run(["git", *arguments], cwd=root, check=True)
    return root


@pytest.fixture
def packed(repository, monkeypatch):
    """offline/ as `./ws offline` fills it, but for the download."""

    def download(wheels, target, root):
        wheel(wheels)

    monkeypatch.setattr(offline, "download", download)
    said = list(offline.fill(repository / "offline", [HERE], repository))
    return repository / "offline", said


def begin(stick, target, **environment):
    clean = {name: value for name, value in os.environ.items() if name not in ("WHEELS", "PYTHON")}
    command = ["sh", stick / "begin.sh", target]
    return subprocess.run(command, env=clean | NOWHERE | environment, capture_output=True, text=True)


def test_one_command_from_the_stick_sets_a_learner_up_without_network(packed, tmp_path):
    stick = tmp_path / "a stick"
    shutil.copytree(packed[0], stick)

    done = begin(stick, tmp_path / "mine")

    assert done.returncode == 0, done.stderr
    asked = [tmp_path / "mine" / ".venv" / "bin" / "python", "-c", "import bell; print(bell.TONE)"]
    assert subprocess.run(asked, capture_output=True, text=True).stdout == "high\n"
    assert (tmp_path / "mine" / ".git").exists()
    assert doctor.wheels(tmp_path / "mine", HERE.python).outcome == "complete"


def test_the_site_lies_on_the_stick_and_opens_from_a_learner_s_folder(repository, packed, tmp_path):
    done = begin(repository / "offline", tmp_path / "mine")

    assert done.returncode == 0, done.stderr
    assert "Double-click `site/index.html`" in (repository / "offline" / "README.md").read_text()
    assert site.address("docs/tour.html", tmp_path / "mine").endswith("/mine/offline/site/docs/tour.html")


def test_the_slides_of_a_talk_lie_on_the_stick_without_the_speaker_s_notes(repository, packed):
    slides = repository / "var" / "talk"
    (slides / "speaker").mkdir(parents=True)
    (slides / "index.html").write_text("a slide")
    (slides / "speaker" / "notes.js").write_text("a note")

    list(offline.fill(repository / "offline", [HERE], repository))

    assert (repository / "offline" / "talk" / "index.html").read_text() == "a slide"
    assert not (repository / "offline" / "talk" / "speaker").exists()
    assert "slides of the talk are in `talk/index.html`" in (repository / "offline" / "README.md").read_text()


def test_a_talk_that_was_not_made_is_not_on_the_stick(repository, packed):
    list(offline.fill(repository / "offline", [HERE], repository))

    assert not (repository / "offline" / "talk").exists()
    assert "slides" not in (repository / "offline" / "README.md").read_text()


def test_a_stick_without_a_bundle_does_it_from_the_archive(packed, tmp_path):
    (packed[0] / "workshop.bundle").unlink()
    script = (packed[0] / "begin.sh").read_text()
    (packed[0] / "begin.sh").write_text(script.replace("-m workshop.base.setup exercises", "-c pass"))

    done = begin(packed[0], tmp_path / "mine")

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "mine" / "workshop" / "find-python").exists()
    assert (tmp_path / "mine" / "offline" / "wheels" / setup.CONTENTS).exists()
    assert not (tmp_path / "mine" / ".git").exists()


def test_it_does_not_write_into_a_folder_that_is_there(packed, tmp_path):
    (tmp_path / "mine").mkdir()

    done = begin(packed[0], tmp_path / "mine")

    assert done.returncode == 1
    assert "already exists. Name another folder" in done.stderr


def test_the_folder_says_what_is_in_it(packed):
    folder, said = packed

    assert said == [f"Wheels for {HERE}"]
    assert f"The packages are for {HERE}." in (folder / "README.md").read_text()
    assert sorted(path.name for path in folder.iterdir()) == [
        *("README.md", "begin.sh", "site", "wheels", "workshop.bundle", "workshop.tar.gz")
    ]


def test_what_is_not_committed_stays_out_and_that_is_said(repository, monkeypatch):
    monkeypatch.setattr(offline, "download", lambda wheels, target, root: wheel(wheels))
    (repository / "requirements.txt").write_text("# changed\n")

    said = list(offline.fill(repository / "offline", [HERE], repository))

    assert "The folder gets the last commit of the repository; uncommitted changes are left out." in said


def test_a_clone_without_history_goes_in_as_an_archive(repository, tmp_path, monkeypatch):
    monkeypatch.setattr(offline, "download", lambda wheels, target, root: wheel(wheels))
    shallow = tmp_path / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{repository}", shallow], check=True)
    build_site(shallow)

    said = list(offline.fill(shallow / "offline", [HERE], shallow))

    assert "there is no workshop.bundle" in said[-1]
    assert not (shallow / "offline" / "workshop.bundle").exists()


def test_a_download_that_fails_leaves_the_folder_as_it_was(packed, repository, monkeypatch):
    folder, before = packed[0], sorted(packed[0].rglob("*"))

    def download(wheels, target, root):
        raise CommandFailed("no network")

    monkeypatch.setattr(offline, "download", download)

    with pytest.raises(CommandFailed):
        list(offline.fill(folder, [HERE], repository))

    assert sorted(folder.rglob("*")) == before


def test_a_wheel_that_no_index_has_ends_the_download_with_its_name(repository, tmp_path, monkeypatch):
    for name, value in NOWHERE.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(
        CommandFailed, match=r"(?s)Not all wheels for Python 3.12 on macos-arm64 could be had.*bell==1.0"
    ):
        offline.download(tmp_path / "wheels", Target("3.12", "macos-arm64"), repository)
