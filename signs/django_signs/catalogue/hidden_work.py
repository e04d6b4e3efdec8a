"""Hidden work: saving does more than save."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..effects import Effect, Effects
from ..facts import Call, Class, File
from ..findings import Finding, LeftAlone, joined, spot
from ..project import Place, Project

SIGN = "hidden-work"
MODEL_SIGNALS = {"pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed"}
TRAIL = re.compile(
    r"(?:^|_|(?<=[a-z]))(?:Audit|Log|LogEntry|History|Activity|Trail|Revision|ChangeLog|Journal|ObjectChange|Change|"
    r"Tombstone|Timeline|Snapshot)(?:$|(?=[A-Z]))|History$|Log$|Event$|^Deleted(?=[A-Z])"
)
CACHES = re.compile(r"cache|invalidate|index|haystack|search|purge", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hook:
    """A function that saving or deleting a row calls."""

    place: Place
    signals: tuple[str, ...]
    sender: Class | None
    sender_text: str

    @property
    def on_delete_only(self) -> bool:
        """Whether it runs on deletes alone."""
        return bool(self.signals) and all("delete" in name for name in self.signals)


def find(project: Project, effects: Effects, left: list[LeftAlone]) -> Iterator[Finding]:
    """Receivers of model signals, and `save` and `delete` of models, that write elsewhere or reach outside."""
    hooks = list(_hooks(project))
    watched = {id(hook.sender) for hook in hooks if hook.sender}
    for hook in hooks:
        if reason := _why_innocent(project, effects, hook):
            if reason != "nothing":
                where = spot(hook.place.file, hook.place.function)
                left.append(LeftAlone(SIGN, f"{hook.place.function.name}()", reason, where))
            continue
        yield _finding(project, effects, hook, watched)


def _hooks(project: Project) -> Iterator[Hook]:
    own_signals = {
        f"{file.module}.{name}"
        for file in project.code()
        for name, text in file.constants.items()
        if text.endswith(("Signal()", "ModelSignal()"))
    }
    seen = set()
    for place in project.places("code"):
        for decorator in place.function.decorators:
            if decorator.callee.rpartition(".")[2] == "receiver":
                signals = _signals(project, place.file, decorator.arguments, own_signals)
                if signals and id(place.function) not in seen:
                    seen.add(id(place.function))
                    yield _hook(project, place, signals, decorator)
        for call in place.function.calls:
            before, _, last = call.callee.rpartition(".")
            if last != "connect" or not call.arguments:
                continue
            signals = _signals(project, place.file, (before,), own_signals)
            target = project.resolve(place.file, call.arguments[0])
            if signals and target.function and target.file and id(target.function) not in seen:
                seen.add(id(target.function))
                yield _hook(project, Place(target.file, target.function), signals, call, place.file)
    for found in project.models.values():
        for name in ("save", "delete"):
            if name in found.methods:
                yield Hook(Place(project.file_of(found), found.methods[name]), (name,), found, found.name)


def _hook(project: Project, place: Place, signals: tuple[str, ...], call: Call, file: File | None = None) -> Hook:
    sender = dict(call.keywords).get("sender", "")
    found = project.class_named(file or place.file, sender) if sender else None
    return Hook(place, signals, found, sender)


def _signals(project: Project, file: File, names: tuple[str, ...], own: set[str]) -> tuple[str, ...]:
    found = []
    for name in names:
        last = name.rpartition(".")[2]
        if last in MODEL_SIGNALS:
            found.append(last)
        elif name:
            resolved = project.resolve(file, name)
            whole = f"{resolved.file.module}.{resolved.rest or last}" if resolved.file else file.names.get(name, "")
            if whole in own or f"{file.module}.{name}" in own:
                found.append(last)
    return tuple(found)


def _why_innocent(project: Project, effects: Effects, hook: Hook) -> str:
    """Why a hook raises no finding: `nothing` when it does nothing that counts, empty when it is a finding."""
    work = _work(project, effects, hook)
    if not work:
        return "nothing"
    name = hook.place.name
    audit = project.options.audit
    if any(name.endswith(ending) for ending in audit):
        return "named as audit in [tool.signs]"
    writes = [effect for effect in work if effect.is_write]
    outside = [effect for effect in work if effect.is_outside]
    if not outside and all(_is_trail(effect.what, audit) for effect in writes):
        return "keeps a trail"
    if not outside and len(writes) == 1 and _creates_one_row(writes[0]):
        return "creates one row next to a new one"
    if all(CACHES.search(effect.story()) for effect in work):
        return "caches or a search index"
    if hook.on_delete_only or hook.signals == ("delete",):
        if (
            not writes
            and len({effect.what for effect in outside}) <= 1
            and all(effect.kind != "world" for effect in outside)
        ):
            return "one clean-up after a delete"
        if (
            not outside
            and all(effect.kind == "delete" for effect in writes)
            and len({effect.what for effect in writes}) <= 1
        ):
            return "deletes what belongs to the row"
    return ""


def _creates_one_row(effect: Effect) -> bool:
    """Whether it creates one row when its own row is new. `bulk_create` is for many."""
    return effect.kind == "create" and effect.guarded and not effect.in_bulk


def _is_trail(what: str, audit: tuple[str, ...]) -> bool:
    name = what.rpartition(".")[2]
    return bool(name) and (TRAIL.search(name) is not None or name in audit)


def _work(project: Project, effects: Effects, hook: Hook) -> list[Effect]:
    """The effects of the hook beyond the saved row."""
    sender = project.model_key(hook.sender) if hook.sender else ""
    is_override = hook.signals in (("save",), ("delete",))
    first = hook.place.function.parameters[1][0] if len(hook.place.function.parameters) > 1 else "instance"
    found = []
    for effect in effects.within(hook.place):
        if effect.kind == "files" and (hook.on_delete_only or hook.signals == ("delete",)):
            continue
        if effect.is_write:
            if not effect.what:
                if effect.row.partition(".")[0] not in ("instance", first) or is_override:
                    continue
            elif (
                (effect.what == sender and (is_override or effect.kind == "create"))
                or (is_override and hook.sender and _is_same_family(project, effect.what, hook.sender))
                or (effect.what == sender and hook.signals[0].startswith("pre_"))
            ):
                continue
        found.append(effect)
    return found


def _is_same_family(project: Project, what: str, owner: Class) -> bool:
    return what in {project.model_key(base) for base in project.bases(owner)}


def _finding(project: Project, effects: Effects, hook: Hook, watched: set[int]) -> Finding:
    work = _work(project, effects, hook)
    function = hook.place.function
    # What the function does itself comes before what the functions that it calls do.
    nearest = sorted(work, key=lambda one: (len(one.path), one.what))
    targets = list(dict.fromkeys(one.what.rpartition(".")[2] for one in nearest if one.is_write and one.what))
    sends = sorted({one.story() for one in work if one.is_outside})
    sender = hook.sender_text.removesuffix(".through").rpartition(".")[2] or "any model"
    if sender in ("get_user_model()", "AUTH_USER_MODEL"):
        sender = "User"
    does = []
    if targets:
        does.append(f"writes {joined(targets)}")
    elif any(effect.is_write for effect in work):
        does.append(_rows(next(effect for effect in work if effect.is_write)))
    if sends:
        verb = "queues" if all(effect.kind == "queue" for effect in work if effect.is_outside) else "calls"
        does.append(
            f"{verb} {joined(list(dict.fromkeys(effect.briefly() for effect in work if effect.is_outside)), 2)}"
        )
    facts = [f"{' and '.join(hook.signals)} of {sender} → {', '.join([*targets, *sends][:4]) or sender}"]
    if hook.signals in (("save",), ("delete",)):
        facts[0] = f"{sender}.{hook.signals[0]}() → {', '.join([*targets, *sends][:4])}"
    chained = sorted(
        key.rpartition(".")[2]
        for key in {effect.what for effect in work if effect.is_write and effect.what}
        if any(id(model) in watched and project.model_key(model) == key for model in project.models.values())
        and key != (project.model_key(hook.sender) if hook.sender else "")
    )
    if chained:
        facts.append(f"a chain: saving {joined(chained)} calls hidden work too")
    if function.early_returns:
        facts.append(f"kept quiet by {joined([f'`{name}`' for name in function.early_returns])} on the row")
    # The code that sends a signal of its own knows at least that others may listen.
    is_own = hook.signals[0] not in MODEL_SIGNALS and hook.signals not in (("save",), ("delete",))
    if is_own:
        subject = f"The signal {hook.signals[0]}"
    elif hook.signals == ("m2m_changed",):
        subject = f"Changing the relation {sender}"
    elif hook.on_delete_only or hook.signals == ("delete",):
        subject = f"Deleting {_article(sender)}"
    else:
        subject = f"Saving {_article(sender)}"
    return Finding(
        SIGN,
        hook.place.name,
        f"{subject} also {' and '.join(does) or 'does more'}",
        spot(hook.place.file, function),
        [spot(hook.place.file, function, effect.line, effect.story() or effect.row) for effect in work],
        facts,
        weight=(3 * len(work) + 5 * bool(sends) + 4 * len(chained) + 4 * len(function.early_returns) + 3 * len(targets))
        * (0.5 if is_own else 1),
        is_brief=is_own or _keeps_in_step(project, hook, work),
    )


def _keeps_in_step(project: Project, hook: Hook, work: list[Effect]) -> bool:
    """Whether it only keeps related rows consistent.

    A `save` or `delete` that writes one related table, as a total of the parent does; a receiver that updates other rows of
    its own table, as a tree does, or saves one row that hangs on this one, as a profile does; a receiver of a delete that
    itself takes the deleted row out of the rows of one table that still name it.
    """
    if any(effect.is_outside for effect in work):
        return False
    written = {one.what for one in work if one.what}
    itself = all(one.what and not one.path and one.kind != "create" for one in work)
    if hook.on_delete_only and len(written) == 1 and itself:
        return True
    if hook.signals in (("save",), ("delete",)):
        models = {project.model_key(model): model for model in project.models.values()}
        return len(written) <= 1 and all(_are_related(models.get(key), hook.sender) for key in written)
    own = {project.model_key(hook.sender)} if hook.sender else set()
    if written and written == own:
        return all(effect.kind in ("change", "delete") or effect.path for effect in work)
    return not written and all("." in effect.row and effect.kind == "save" for effect in work)


def _are_related(one: Class | None, other: Class | None) -> bool:
    if one is None or other is None:
        return False
    pairs = ((one, other.name), (other, one.name))
    plain = [(model, name.removeprefix("Abstract")) for model, name in pairs]
    return any(
        field.to.rpartition(".")[2].removeprefix("Abstract") == name
        for model, name in plain
        for field in model.fields.values()
    )


def _rows(effect: Effect) -> str:
    """The effect on rows of an unknown model."""
    if effect.kind != "save":
        return f"changes rows of {'.'.join(effect.row.split('.')[:2])}"
    return f"saves {effect.row}" if "." in effect.row else "saves the row again"


def _article(name: str) -> str:
    if name == "any model":
        return name
    return f"{'an' if re.match('[AEIO]|U(?!ser|nit|ni|rl|RL)', name) else 'a'} {name}"
