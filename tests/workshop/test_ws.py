"""`./ws` as a learner uses it: in a terminal, in a pipe, in two terminals, and when it is killed."""

import os
import pty
import re
import resource
import select
import shutil
import signal
import subprocess
import sys
import termios
import time
import traceback
from contextlib import nullcontext

import pytest
from click.testing import CliRunner

from workshop import ROOT
from workshop.__main__ import cli, main
from workshop.base.problems import CommandFailed
from workshop.commands import exercises as commands
from workshop.exercises import catalogue, trees, workfolder
from workshop.exercises.judge import Judge
from workshop.exercises.workfolder import WorkFolder
from workshop.harness.processes import descendants, is_running

COMMAND = [sys.executable, "-m", "workshop"]
TAKEN_OUT = ("COLUMNS", "LINES", "NO_COLOR", "VISUAL", "EDITOR", "TERM_PROGRAM", "TERMINAL_EMULATOR")
SIZELESS = {name: value for name, value in os.environ.items() if name not in TAKEN_OUT}
SECONDS = 60  # for an answer that takes one, on a machine with other things to do


@pytest.fixture
def work(tmp_path):
    return WorkFolder(tmp_path / "work")


@pytest.fixture
def fees():
    return catalogue.find("untangle-the-fees")


@pytest.fixture(scope="module")
def warm():
    """One warm process for the commands of all tests, which checks the same work once, however many tests look at it."""
    with Judge(seconds_a_job=SECONDS) as judge:
        check, known = judge.judge, {}

        def checked(exercise, project):
            work = (exercise.name, *((name, (project / name).read_bytes()) for name in trees.files(project)))
            if work not in known:
                known[work] = check(exercise, project)
            return known[work]

        judge.judge = checked
        yield judge


@pytest.fixture
def ws(work, warm, monkeypatch):
    """Runs a command; returns its exit code and what it said."""
    monkeypatch.setattr(commands, "Judge", lambda: nullcontext(warm))
    monkeypatch.setenv("WS_WORK", str(work.folder))

    def run(*arguments):
        done = CliRunner().invoke(cli, arguments)
        if isinstance(done.exception, CommandFailed):
            return 1, f"{done.output}{done.exception}"
        return done.exit_code, done.output

    return run


class Terminal:
    """`./ws` with a terminal of its own, which it may change and must put back."""

    def __init__(self, work, columns=60, arguments=("start",), **environment):
        self.ours, self.theirs = pty.openpty()
        termios.tcsetwinsize(self.theirs, (40, columns))
        self.settings = termios.tcgetattr(self.theirs)
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=ROOT,
            env=SIZELESS | {"WS_WORK": str(work.folder), "TERM": "xterm", "PAGER": "cat"} | environment,
            stdin=self.theirs,
            stdout=self.theirs,
            stderr=self.theirs,
            start_new_session=True,
        )
        self.said, self.heard = "", ""  # up to what was awaited last, and after it

    def press(self, key):
        os.write(self.ours, key.encode())

    def await_text(self, text):
        """The output since the last awaited text, up to this text."""
        said, deadline = self.heard, time.monotonic() + SECONDS
        while text not in said:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.ours], [], [], left)[0]:
                raise AssertionError(f"no {text!r} in {said!r}")
            said += os.read(self.ours, 65536).decode()
        before, found, self.heard = said.partition(text)
        said = before + found
        self.said += said
        return re.sub(r"\x1b\[[0-9;]*m", "", said).replace("\r\n", "\n")

    def await_change(self, settings):
        """Until somebody has changed the terminal."""
        deadline = time.monotonic() + SECONDS
        while termios.tcgetattr(self.theirs) == settings:
            assert time.monotonic() < deadline, "nobody has changed the terminal"
            time.sleep(0.02)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.ours)
        os.close(self.theirs)


class Shell(Terminal):
    """A shell with job control, in a terminal that it shares with what it starts."""

    def __init__(self):
        self.process_id, self.ours = pty.fork()
        if self.process_id == 0:
            os.chdir(ROOT)
            os.execvpe("bash", ["bash", "--norc", "--noprofile", "-i"], SIZELESS | {"TERM": "xterm", "PS1": "$ "})
        self.said, self.heard = "", ""

    def type(self, line):
        self.press(f"{line}\n")

    def press_until(self, key, text):
        """Presses a key again and again. The shell reads single keys too, and drops what was typed before it gives the
        terminal away: so nothing shows when the loop has it.
        """
        said, deadline = self.heard, time.monotonic() + SECONDS
        while text not in said:
            assert time.monotonic() < deadline, f"no {text!r} in {said!r}"
            self.press(key)
            while text not in said and select.select([self.ours], [], [], 2)[0]:
                said += os.read(self.ours, 65536).decode(errors="replace")
        self.said, self.heard = self.said + said, said.partition(text)[2]

    def close(self):
        os.close(self.ours)  # which hangs up: the shell and its jobs end
        os.waitpid(self.process_id, 0)


@pytest.fixture
def terminal(work):
    opened = []

    def open_one(**options):
        opened.append(Terminal(work, **options))
        return opened[-1]

    yield open_one
    for opened_terminal in opened:
        opened_terminal.close()


def forked(*arguments, environment, room=resource.RLIM_INFINITY):
    """The exit code of `./ws` and what it writes into a pipe, in a fork, which has imported everything already.

    `room` is how many bytes the disk still takes into one file.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 70
        try:
            for number, opened in ((0, os.open(os.devnull, os.O_RDONLY)), (1, writing), (2, writing)):
                os.dup2(opened, number)
            sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
            os.environ.clear()
            os.environ.update(environment)
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
            sys.argv = ["ws", *arguments]
            main()
            code = 0
        except SystemExit as ended:
            code = ended.code or 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    os.close(writing)
    with open(reading) as pipe:
        said = pipe.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said


def take(work, overlay):
    """Saves these files as an editor does."""
    shutil.copytree(overlay / "payments", work.folder / "payments", dirs_exist_ok=True)


def test_in_a_pipe_it_checks_once_and_says_what_to_do_next(ws, work):
    ws("go", "3")
    environment = os.environ | {"WS_WORK": str(work.folder)}
    nothing = subprocess.DEVNULL
    done = subprocess.run([*COMMAND, "start"], cwd=ROOT, env=environment, stdin=nothing, capture_output=True, text=True)
    said = done.stdout

    assert (done.returncode, done.stderr) == (1, "")
    assert re.search(r"behaviour    green  (\d+) of \1 checks hold\narchitecture RED    \d of \d checks hold\n", said)
    assert "First to fix: cents-in-one-place\nshop/invoice.py:8 divides or rounds money" in said
    assert said.count("First to fix") == 1
    assert "./ws hint" in said
    assert "\x1b" not in said
    assert (work.folder / "README.md").read_text().startswith("# Money is not a float")


def test_without_colour_and_with_it_a_terminal_says_the_same(terminal):
    coloured = terminal()
    with_colour = coloured.await_text("Keys:")
    plain = terminal(NO_COLOR="1")
    without = plain.await_text("Keys:")

    assert "\x1b[1;31m" in coloured.said
    assert not re.search(r"\x1b\[[0-9;]*3\d", plain.said)
    assert with_colour.partition("Keys:")[0] == without.partition("Keys:")[0]
    assert max(map(len, without.splitlines())) <= 60


def test_an_exercise_from_the_first_look_to_green_in_a_terminal(terminal, ws, work, fees):
    ws("go", "4")
    loop = terminal()
    assert "First to fix: no-provider-by-name" in loop.await_text("Keys:")

    loop.press("h")
    assert "Hint 1 of 5" in loop.await_text("keys.")
    loop.press("h")
    loop.await_text("Hint 2 of 5")

    take(work, fees.folder / "wrong" / "the-maze-moved")
    assert "payments/calculator.py:18" in loop.await_text("Keys:")

    (work.folder / "payments" / "calculator.py").unlink()
    take(work, fees.alternatives[0])
    assert "Both lights are green." in loop.await_text("Keys:")

    loop.press("n")
    compared = loop.await_text("Press n again")
    assert "-@provider(" in compared and "+PROVIDERS = {" in compared
    assert "Why it matters: " in compared

    loop.press("q")
    loop.await_text("./ws continues it")
    assert loop.process.wait(SECONDS) == 0
    assert "Untangle the fees: 20 minutes, must, done, current" in " ".join(ws("list")[1].split())


@pytest.mark.parametrize("ending", ["ctrl-c", "SIGTERM"])
def test_whatever_ends_the_loop_the_terminal_and_the_work_are_as_they_were(terminal, work, ending):
    loop = terminal()
    loop.await_text("Keys:")
    (work.folder / "shop" / "money.py").write_text("# a line\n")

    loop.process.send_signal({"ctrl-c": signal.SIGINT, "SIGTERM": signal.SIGTERM}[ending])
    loop.await_text("./ws continues it")

    assert loop.process.wait(SECONDS) == 0
    assert termios.tcgetattr(loop.theirs) == loop.settings
    assert (work.folder / "shop" / "money.py").read_text() == "# a line\n"


def test_a_killed_loop_leaves_no_process_and_the_next_one_goes_on(terminal, ws, work):
    loop = terminal()
    loop.await_text("Keys:")
    children = descendants(loop.process.pid)

    loop.process.kill()

    for pid in children:
        deadline = time.monotonic() + SECONDS
        while is_running(pid):
            assert time.monotonic() < deadline, f"{pid} outlived the loop"
            time.sleep(0.02)
    assert children
    assert ws("check")[0] == 1


def test_keys_that_come_quickly_all_count_and_an_arrow_is_none(terminal):
    loop = terminal()
    loop.await_text("Keys:")

    loop.press("\x1b[C")
    loop.press("hh")

    said = loop.await_text("Hint 2 of 5")
    assert "Hint 1 of 5" in said
    assert "Keys:" not in said


def test_a_finger_that_rests_on_n_leaves_one_exercise_only(terminal, work, ws):
    ws("go", "3")
    (work.folder / "shop" / "invoice.py").write_text("no Python\n")  # which is red at once
    loop = terminal()
    loop.await_text("Keys:")

    loop.press("nnnn")

    loop.await_text("Exercise 4: Untangle the fees")
    loop.await_text("Keys:")
    loop.press("q")
    loop.await_text("./ws continues it")
    assert "A check is still red" not in loop.said.partition("Exercise 4: Untangle")[2]


def test_a_second_terminal_that_goes_on_is_followed_and_not_overtaken(terminal, ws, work):
    loop = terminal()
    loop.await_text("Keys:")

    ws("go", "7")

    assert "Exercise 7: Which rung" in loop.await_text("Keys:")
    assert work.read().current == "07-which-rung"


def test_two_terminals_that_go_on_at_once_take_one_step_and_lose_nothing(terminal, ws, work):
    ws("go", "3")
    (work.folder / "shop" / "money.py").write_text("# mine\n")
    loops = [terminal(), terminal()]
    for loop in loops:
        loop.await_text("Keys:")

    for key in "nn":
        for loop in loops:
            loop.press(key)
    for loop in loops:
        loop.await_text("Exercise 4: Untangle the fees")
        loop.await_text("Keys:")

    assert work.read().current == "04-untangle-the-fees"
    assert ws("go", "3")[0] == 0
    assert (work.folder / "shop" / "money.py").read_text() == "# mine\n"


@pytest.mark.parametrize("room", [0, 1000, 3000])
@pytest.mark.parametrize("command", ["go 3", "reset", "restore 1", "next --anyway", "hint", "receipt --commit mine"])
def test_a_disk_without_room_ends_a_command_in_words_and_loses_nothing(ws, work, monkeypatch, command, room):
    monkeypatch.setattr(commands, "Judge", Judge)  # one that the full disk hinders too
    ws("go", "4")
    (work.folder / "payments" / "fees.py").write_text("# a first try\n" * 100)
    ws("reset")
    (work.folder / "payments" / "fees.py").write_text("# mine\n" * 1000)
    before = work.contents()

    code, said = forked(*command.split(), environment=os.environ, room=room)

    assert "Traceback" not in said
    found = [file.read_text() for file in work.folder.parent.glob("work*/**/fees.py")]
    assert "# mine\n" * 1000 in found and "# a first try\n" * 100 in found
    assert work.contents() == before or code == 0


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a file that is always full")
@pytest.mark.parametrize(
    ("command", "options"),
    [(["--help"], []), (["--help"], ["-u"]), (["list"], []), (["list"], ["-u"]), (["ask", "4"], [])],
)
def test_output_that_has_no_room_ends_with_one_line(work, command, options):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-E", *options, "-m", "workshop", *command],
            cwd=ROOT,
            env=at(work),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )

    assert done.returncode == 1
    assert done.stderr == "Error: The disk is full. Nothing of yours was overwritten. Make room, and try again.\n"


@pytest.mark.parametrize("command", [["--help"], ["list"], ["ask", "4"]])
def test_a_reader_that_leaves_is_no_error(work, command):
    with subprocess.Popen(
        [sys.executable, "-E", "-m", "workshop", *command],
        cwd=ROOT,
        env=at(work),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdout.close()
        said = process.stderr.read()

    assert said == ""


def at(work):
    """An environment with this work/."""
    return SIZELESS | {"WS_WORK": str(work.folder)}


def words(said):
    return re.sub(r"\x1b\[[0-9;]*m", "", said).split()


@pytest.mark.parametrize("command", ["list", "check", "solution", "receipt"])
def test_a_command_says_the_same_in_a_pipe_without_colour_and_in_a_narrow_window(ws, work, command):
    ws("go", "4")
    ws("check")
    said = {}
    for name, environment in {
        "wide": {"COLUMNS": "120"},
        "narrow": {"COLUMNS": "60"},
        "plain": {"COLUMNS": "60", "NO_COLOR": "1", "TERM": "dumb"},
        "coloured": {"COLUMNS": "60", "FORCE_COLOR": "1", "TERM": "xterm-256color"},
    }.items():
        _, said[name] = forked(command, environment=SIZELESS | {"WS_WORK": str(work.folder)} | environment)

    assert len({tuple(words(text)) for text in said.values()}) == 1
    assert "\x1b" not in said["wide"] + said["narrow"] + said["plain"]
    assert said["plain"] == said["narrow"]
    if command in ("list", "check"):
        assert "\x1b[1" in said["coloured"]
        assert max(map(len, said["narrow"].splitlines())) <= 60


def test_hints_come_one_level_at_a_time_and_the_last_one_stays(ws):
    ws("go", "4")

    said = [ws("hint")[1] for _ in range(6)]

    assert [re.search(r"Hint (\d) of 5", text)[1] for text in said] == ["1", "2", "3", "4", "5", "5"]
    assert '"nordpay": {' in said[4] and "That is the last hint" in said[5]


def test_a_disk_that_is_full_keeps_neither_an_answer_nor_a_hint_back(ws, work, fees, monkeypatch):
    ws("go", "4")

    def refuse(file, found):
        raise CommandFailed("Progress could not be saved: No space left on device. Your work is untouched.")

    monkeypatch.setattr(workfolder.progress, "write", refuse)

    assert "RED" in ws("check")[1]
    hinted = ws("hint")[1]
    assert "Hint 1 of 5" in hinted and "No space left" in hinted

    take(work, fees.solution)
    code, said = ws("check")
    assert code == 0 and "Both lights are green." in said and "No space left" in said


def test_reset_and_restore_bring_the_work_back(ws, work):
    ws("go", "4")
    theirs = work.folder / "payments" / "fees.py"
    theirs.write_text("# mine\n")

    assert "Your work is saved in work.saved/04-untangle-the-fees/001." in ws("reset")[1]
    assert theirs.read_text() != "# mine\n"
    assert "Restored work.saved/04-untangle-the-fees/001." in ws("restore")[1]
    assert theirs.read_text() == "# mine\n"


def test_an_exercise_that_one_returns_to_is_as_it_was_left(ws, work):
    ws("go", "4")
    (work.folder / "payments" / "fees.py").write_text("# mine\n")
    ws("go", "3")

    _, said = ws("go", "untangle-the-fees")

    assert "as you left it" in said
    assert (work.folder / "payments" / "fees.py").read_text() == "# mine\n"


def test_next_wants_green_or_to_be_told(ws, work):
    ws("go", "3")

    code, said = ws("next")
    assert (code, work.read().current) == (1, "03-money-is-not-a-float")
    assert "./ws next --anyway" in said

    assert ws("next", "--anyway")[0] == 0
    assert work.read().current == "04-untangle-the-fees"


def test_who_is_late_catches_up_and_reads_why_it_mattered(ws, work):
    ws("go", "3")

    _, said = ws("catchup", "4")

    assert "Money is not a float: One named type decides about the last cent" in said
    assert work.read().current == "04-untangle-the-fees"
    assert "caught up" in ws("list")[1]


def test_an_update_that_changed_an_exercise_is_told_once_and_touches_nothing(ws, work):
    ws("go", "3")
    (work.folder / "shop" / "invoice.py").write_text("# mine\n")
    with work.changing() as state:
        state.exercises["03-money-is-not-a-float"].files["start/shop/invoice.py"] = "what it was before"

    first, second = ws("start")[1], ws("start")[1]

    assert "An update changed this exercise after you started it: start/shop/invoice.py." in first
    assert "An update changed" not in second
    assert (work.folder / "shop" / "invoice.py").read_text() == "# mine\n"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def invoice(order:\n", r"Your project does not start: SyntaxError: .*\s+See\s+shop/invoice.py:1"),
        ("import nowhere\n", r"does not start: ModuleNotFoundError: No\s+module named 'nowhere'"),
        ("def invoice(order):\n    return order.sum\n", r"crashes\s+at\s+shop/invoice.py:2\s+with\s+AttributeError"),
    ],
    ids=["no Python", "an import of nothing", "an error in a view"],
)
def test_code_that_fails_is_shown_by_file_and_line(ws, work, source, said):
    ws("go", "3")
    (work.folder / "shop" / "invoice.py").write_text(source)

    code, found = ws("check")

    assert code == 1
    assert re.search(said, found, re.DOTALL)


def test_commands_without_an_exercise_say_how_to_begin_one(ws):
    for command in ("check", "hint", "reset", "restore", "solution", "next"):
        code, said = ws(command)
        assert (code, "./ws starts the first" in said) == (1, True)


def test_an_exercise_that_does_not_exist_is_refused_with_a_list(ws):
    code, said = ws("go", "99")

    assert code == 1
    assert "There is no exercise '99'. The exercises are: 01-spot-the-signs, " in said


def test_a_check_that_runs_shows_that_it_does(terminal):
    loop = terminal()

    assert "RED" not in loop.await_text("Checking")
    loop.await_text("RED")
    loop.await_text("Keys:")
    loop.press("c")
    assert "RED" not in loop.await_text("Checking")


def test_a_comparison_goes_through_the_readers_pager(terminal, ws, work, fees, tmp_path):
    ws("go", "4")
    take(work, fees.alternatives[0])
    paged = tmp_path / "paged"
    loop = terminal(PAGER=f"tee '{paged}'")
    loop.await_text("Both lights are green.")
    loop.await_text("Keys:")

    loop.press("n")

    loop.await_text("Press n again")
    assert "+PROVIDERS = {" in paged.read_text() and "Why it matters: " in paged.read_text()


def test_keys_need_no_enter_after_the_shell_had_the_terminal(terminal):
    loop = terminal()
    loop.await_text("Keys:")

    loop.process.send_signal(signal.SIGSTOP)
    termios.tcsetattr(loop.theirs, termios.TCSANOW, loop.settings)
    loop.process.send_signal(signal.SIGCONT)
    loop.await_change(loop.settings)
    loop.press("h")

    loop.await_text("Hint 1 of 5")


def test_ctrl_z_gives_the_shell_its_terminal_back_and_fg_takes_it_again(work):
    shell = Shell()
    try:
        shell.type(f"WS_WORK='{work.folder}' PAGER=cat {' '.join(COMMAND)} start")
        shell.await_text("Keys:")
        shell.press("\x1a")
        shell.await_text("Stopped")
        shell.type("fg")
        shell.await_text("start")
        shell.press_until("h", "Hint 1 of 5")
        shell.press("q")
        shell.await_text("./ws continues it")
    finally:
        shell.close()


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_calls_the_command_by_its_name(option):
    done = subprocess.run([*COMMAND, option], cwd=ROOT, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: ./ws ") and "hint" in done.stdout


@pytest.mark.parametrize(
    ("fees", "said"),
    [
        ("def fee_lines(payment):\n    return [].pop()\n", "crashes at payments/fees.py:2 with IndexError"),
        ("def fee_lines(payment)\n", "does not start: SyntaxError"),
        ("FEES = {'a': 1\0}\n", "payments/fees.py:1"),
        ("import os\n\nos._exit(0)\n", "could not run: your code ended the process that checks it"),
    ],
    ids=["a crash", "no Python", "a NUL", "an end"],
)
def test_what_keeps_a_check_from_being_made_is_said_and_spends_no_hint(ws, work, fees, said):
    ws("go", "4")
    (work.folder / "payments" / "fees.py").write_text(fees)

    hinted = " ".join(ws("hint")[1].split())

    assert said in hinted and "used up no hint" in hinted
    assert work.read().exercises["04-untangle-the-fees"].hints == {}
    checked = ws("check")[1]
    assert "could not run" in checked or "crashes" in checked


def test_a_removed_folder_is_begun_again_and_the_saved_work_is_named(ws, work):
    ws("go", "4")
    (work.folder / "payments" / "fees.py").write_text("# mine\n")
    ws("go", "3")
    shutil.rmtree(work.folder)

    assert "Your work on these exercises is saved: 04-untangle-the-fees." in ws("start")[1]
    ws("go", "4")
    assert (work.folder / "payments" / "fees.py").read_text() == "# mine\n"
