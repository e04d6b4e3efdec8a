"""The learner's actions: one method for each command and key. The loop and the commands call it."""

import os
import time
from pathlib import Path

from workshop import ROOT
from workshop.base.problems import CommandFailed
from workshop.exercises import catalogue, hints, jobs, progress, trees
from workshop.exercises.catalogue import Exercise
from workshop.exercises.findings import Project
from workshop.exercises.judge import Judge, Verdict
from workshop.exercises.places import problem_lines
from workshop.exercises.screen import Screen
from workshop.exercises.workfolder import WorkFolder

NOTHING_BEGUN = "No exercise has been started. ./ws starts the first, ./ws list shows all."


class Session:
    """One terminal's view of the exercises. It keeps nothing in memory that another terminal may change.

    The work is in work/ of the repository, or in the folder that WS_WORK names.
    """

    def __init__(self, root: Path = ROOT, screen: Screen | None = None, work: WorkFolder | None = None) -> None:
        self.root = root
        self.screen = screen or Screen()
        self.work = work or WorkFolder(Path(os.environ.get("WS_WORK") or root / "work"))
        self.exercises = catalogue.read_all(root)
        self.lists_problems = False  # for an editor that reads the output

    def resume(self) -> Exercise:
        """The current exercise, after repairing an interrupted change; the first exercise if none was started."""
        if exercise := self._in_work():
            self._tell_of_an_update(exercise)
            return exercise
        if current := self.work.read().current:
            self.screen.say(f"{current} no longer exists: an update removed it. Your work on it is saved.")
        elif kept := [exercise.name for exercise in self.exercises if self.work.copies(exercise)]:
            self.screen.say(f"Your work on these exercises is saved: {', '.join(kept)}. ./ws go NAME brings it back.")
        self._saved(self.work.lay(self.exercises[0]))
        return self.exercises[0]

    def current(self) -> Exercise:
        """The current exercise. Raises CommandFailed if none was started."""
        if exercise := self._in_work():
            return exercise
        raise CommandFailed(NOTHING_BEGUN)

    def _in_work(self) -> Exercise | None:
        """The exercise in work/, after repairing an interrupted change; None if there is none."""
        if note := self.work.finish_laying(self.exercises):
            self.screen.say(note)
        current = self.work.read().current
        for note in self.work.notes:
            self.screen.say(note)
        self.work.notes.clear()
        return next((exercise for exercise in self.exercises if exercise.name == current), None)

    def go(self, name: str) -> Exercise:
        """Starts another exercise, or continues it from its saved copy."""
        exercise = catalogue.find(name, self.root)
        current = self.work.read().current
        if current == exercise.name:
            self.screen.say(f"{exercise.name} is the current exercise. ./ws reset starts it again.")
            return exercise
        return self._move_to(exercise, current)

    def check(self, judge: Judge, exercise: Exercise) -> Verdict:
        """Judges work/, and records the time worked and whether the exercise is done.

        If the disk is full, the learner gets a message and still gets the verdict.
        """
        with self.screen.checking():
            verdict = judge.judge(exercise, self.work.folder)
        if self.work.read().state(exercise) != "done":
            self._count(exercise, is_done=verdict.is_green)
        return verdict

    def show(self, verdict: Verdict) -> None:
        """The two lights and the first thing to fix, and on request a line for each red check."""
        self.screen.verdict(verdict)
        if self.lists_problems:
            self.screen.say()
            self.screen.lines(problem_lines(verdict, self.work.folder, self.root))

    def hint(self, exercise: Exercise, verdict: Verdict) -> None:
        """The next hint for the first red check; the last hint again if there are no more.

        If the check could not run, its hints would not help, so none is used up.
        """
        if verdict.is_green:
            self.screen.say("No check is red, so there is no hint.")
            return
        first = verdict.red[0]
        if first.says_nothing:
            self.screen.failure(first)
            self.screen.say("This used up no hint: the hints are about the check's task, not about this error.")
            return
        check = first.check
        shown = self.work.read().of(exercise).hints.get(check.id, 0)
        levels = len(check.hints.texts)
        level = min(shown, levels - 1)
        title, text = hints.hint(exercise, check, level)
        self.screen.say()
        self.screen.say(f"Hint {level + 1} of {levels} for {check.id}. {title}:", "bold")
        self.screen.show(text)
        if shown > level:
            self.screen.say("That is the last hint. ./ws solution shows the whole solution.")
        # Saved only after the hint is shown: a full disk must not hide it.
        with self.work.changing() as state:
            state.of(exercise).hints[check.id] = level + 1

    def compare(self, exercise: Exercise) -> None:
        """The learner's work next to the solution, and why it matters."""
        theirs = self.work.contents()
        theirs.pop("README.md", None)
        lines = list(trees.diff(theirs, trees.overlaid(exercise.start, exercise.solution), "yours", "solution"))
        differ = "From your work (-) to the solution (+). Both may be good: look for differences in structure."
        with self.screen.paged():
            self.screen.say()
            self.screen.say(differ if lines else "Your work and the solution are the same.", "bold")
            self.screen.diff(lines)
            for alternative in exercise.alternatives:
                where = f"solutions/{exercise.name}/alternatives/{alternative.name}"
                self.screen.say(f"There is another good solution: {where} is accepted too.")
            self.screen.say()
            if show := jobs.afterwards(exercise.folder):
                for line in show(Project(self.work.folder, exercise.start)):
                    self.screen.show(line)
                self.screen.say()
            self.screen.say(f"Why it matters: {exercise.why}")
            if (exercise.folder / "questions.toml").exists():
                self.screen.say(f"./ws ask exercise {exercise.number} asks you about it.")

    def following(self, exercise: Exercise) -> Exercise | None:
        """The exercise after this one."""
        place = [each.name for each in self.exercises].index(exercise.name)
        return self.exercises[place + 1] if place + 1 < len(self.exercises) else None

    def next(self, exercise: Exercise) -> Exercise:
        """Goes on to the next exercise, unless another terminal has already done so."""
        following = self.following(exercise)
        if following is None:
            self.screen.say("That was the last exercise. ./ws list shows all.")
            return exercise
        return self._move_to(following, exercise.name)

    def reset(self) -> None:
        """The current exercise from its start again."""
        exercise = self.current()
        if self.work.is_untouched(exercise):
            self.screen.say(f"{exercise.name} is as it was at the start. There is nothing to reset.")
            return
        self._saved(self.work.lay(exercise))
        self.screen.say(f"{exercise.name} starts again. ./ws restore brings your work back.")

    def restore(self, number: int | None) -> None:
        """A saved copy of the current exercise, back in work/."""
        exercise = self.current()
        copy, kept = self.work.restore(exercise, number)
        self._saved(kept)
        self.screen.say(f"Restored {self.work.relative(copy)}.")

    def catch_up(self, name: str | None) -> Exercise:
        """Goes on to the group's exercise. Skipped ones count as caught up, with a line on why each matters."""
        target = catalogue.find(name, self.root) if name else self.following(self.current())
        if target is None:
            raise CommandFailed("That was the last exercise; there is nothing to catch up with.")
        earlier = [exercise for exercise in self.exercises if exercise.place < target.place]
        with self.work.changing() as state:
            passed = [each for each in earlier if each.dealt_after is None and state.state(each) != "done"]
            for exercise in passed:
                state.of(exercise).state = "caught up"
        for exercise in passed:
            self.screen.say(f"{exercise.number}. {exercise.title}: {exercise.why} See solutions/{exercise.name}.")
        return self.go(target.name)

    def _count(self, exercise: Exercise, *, is_done: bool) -> None:
        try:
            with self.work.changing() as state:
                state.spend(exercise, time.time())
                if is_done:
                    state.of(exercise).state = "done"
        except (CommandFailed, OSError) as problem:
            if is_done:  # a change of the minutes alone needs no message
                self.screen.say(str(problem))

    def _move_to(self, exercise: Exercise, current: str | None) -> Exercise:
        """Puts an exercise into work/, unless another terminal has gone on from the current one."""
        if self.work.copies(exercise):
            copy, kept = self.work.restore(exercise, expected=current)
            self._saved(kept)
            self.screen.say(f"{exercise.name} is as you left it ({self.work.relative(copy)}).")
        else:
            self._saved(self.work.lay(exercise, expected=current))
        return exercise

    def _saved(self, kept: Path | None) -> None:
        if kept:
            self.screen.say(f"Your work is saved in {self.work.relative(kept)}.")

    def _tell_of_an_update(self, exercise: Exercise) -> None:
        changed = progress.changed_since(exercise, self.work.read().of(exercise))
        if not changed:
            return
        listed = ", ".join(changed[:5]) + (f" and {len(changed) - 5} more" if len(changed) > 5 else "")
        self.screen.say(f"An update changed this exercise after you started it: {listed}.")
        self.screen.say("Your work is unchanged, but the checks are new. ./ws reset takes the new start.")
        with self.work.changing() as state:
            state.of(exercise).files = progress.fingerprint(exercise)
