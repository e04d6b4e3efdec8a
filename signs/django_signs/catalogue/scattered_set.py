"""Scattered set: one list of kinds or states, decided on all over."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..effects import Effects
from ..facts import Comparison, File, Function, Member
from ..findings import Finding, Spot, joined, spot
from ..project import Project

SIGN = "scattered-set"
LEAST_SITES = 3
LEAST_CORE = 3
SHARED_KEYS = 0.6
INNOCENT_SUBJECTS = {
    "lang", "language", "locale", "encoding", "key", "k", "name", "attr", "attribute", "field", "field_name", "ext",
    "extension", "suffix", "op", "operator", "lookup", "char", "c", "ch", "tag", "sort", "order_by", "ordering",
    "environment", "env", "scheme", "__name__", "host", "engine", "vendor", "arg", "token", "letter",
}  # fmt: skip
KNOWN_WORDS = [
    {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "get", "post", "put", "patch", "delete", "head"},
    {
        "debug",
        "info",
        "warning",
        "error",
        "critical",
        "DEBUG",
        "INFO",
        "WARNING",
        "ERROR",
        "CRITICAL",
        "warn",
        "success",
    },
    {"list", "retrieve", "create", "update", "partial_update", "destroy", "metadata"},
    {"pre_add", "post_add", "pre_remove", "post_remove", "pre_clear", "post_clear"},
    {"true", "false", "True", "False", "yes", "no", "on", "off", "1", "0", "none", "null", "None"},
    {"query", "mutation", "subscription", "Query", "Mutation", "Subscription"},
    {"asc", "desc", "ASC", "DESC"},
    {"http", "https", "ftp", "ws", "wss"},
    {"sqlite", "postgresql", "mysql", "oracle", "sqlite3", "postgres"},
    {"en", "de", "fr", "es", "it", "nl", "pt", "ru", "ja", "zh"},
]
MEDIA_TYPE = re.compile(r"(?:application|audio|font|image|model|multipart|text|video)/[\w.+-]+")


@dataclass(slots=True)
class Site:
    """A function or a table that knows at least two members of a set."""

    file: File
    function: Function | None
    line: int
    subject: str
    members: frozenset[str]
    table: str = ""

    @property
    def spot(self) -> Spot:
        """The place of the site."""
        if self.function is None:
            return Spot(self.file.path, self.line, self.table)
        return spot(self.file, self.function, self.line, self.function.qualified)


@dataclass(slots=True)
class KindSet:
    """A set of kinds or states: its name, and the sites that decide on it."""

    name: str
    subject: str
    sites: list[Site] = field(default_factory=list)

    @property
    def core(self) -> list[str]:
        """The members that at least two sites know, the most known first."""
        counts: dict[str, int] = defaultdict(int)
        for site in self.sites:
            for member in site.members:
                counts[member] += 1
        return sorted((name for name, count in counts.items() if count >= 2), key=lambda name: (-counts[name], name))


def find(project: Project, effects: Effects) -> Iterator[Finding]:
    """A set is scattered when three sites decide on three common members, in two modules or three functions."""
    singles = _single_askers(project)
    for kinds in _sets(project):
        kinds.sites = _without_copies(kinds.sites)
        outside = [site for site in kinds.sites if site.file.kind == "code"]
        core = kinds.core
        if len(kinds.sites) < LEAST_SITES or len(core) < LEAST_CORE or len(outside) < 2:
            continue
        wide = [site for site in kinds.sites if len(site.members) >= 3]
        modules = {site.file.module for site in wide}
        functions = {id(site.function) for site in wide if site.function}
        if len(modules) < 2 and len(functions) < 3:
            continue
        if len(core) == LEAST_CORE and len(kinds.sites) == LEAST_SITES and len(_modules(kinds)) < LEAST_SITES:
            continue
        if _is_innocent(project, kinds, core):
            continue
        yield _finding(project, kinds, core, singles.get(kinds.subject, []))


def _modules(kinds: KindSet) -> set[str]:
    return {site.file.module for site in kinds.sites}


def _without_copies(sites: list[Site]) -> list[Site]:
    """The sites, of tables with one name only the first: a registry and its copy in a rewrite are one place."""
    seen: set[str] = set()
    kept = []
    for site in sites:
        if site.table not in seen:
            kept.append(site)
        if site.table:
            seen.add(site.table)
    return kept


def _finding(project: Project, kinds: KindSet, core: list[str], singles: list[tuple[Spot, frozenset[str]]]) -> Finding:
    sites = sorted(kinds.sites, key=lambda site: (-len(site.members), site.file.path, site.line))
    modules = {site.file.module for site in sites}
    known = {place.path + str(place.line) for place in (site.spot for site in sites)}
    asking = [place for place, members in singles if members & set(core) and place.path + str(place.line) not in known]
    tables = [site.table for site in sites if site.table]
    facts = [f"{len(core)} members at two places or more: {joined(core, 4)}"]
    if tables:
        facts.append(f"{len(tables)} of the places are tables: {joined(tables, 4)}")
    if asking:
        facts.append(f"{len(asking)} further {'function asks' if len(asking) == 1 else 'functions ask'} for one member")
    places = "one module" if len(modules) == 1 else f"{len(modules)} modules"
    return Finding(
        SIGN,
        kinds.name,
        f"{kinds.subject} is decided on in {len(sites)} places of {places}",
        sites[0].spot,
        [site.spot for site in sites[1:]] + asking,
        facts,
        weight=len(sites) * 2 + len(core) + len(asking) * 0.5 + len(modules) * 2,
        members=tuple(core),
    )


def _sets(project: Project) -> Iterator[KindSet]:
    by_class: dict[str, list[Site]] = defaultdict(list)
    words: dict[str, list[Site]] = defaultdict(list)
    word_tables: list[Site] = []
    for file in project.code("code", "settings"):
        for function in file.functions:
            for key, site in _sites_of(project, file, function):
                (by_class if key else words)[key or site.subject].append(site)
        for table in file.tables:
            owner = table.members[0].owner
            site = Site(file, None, table.line, "", frozenset(member.name for member in table.members), table.name)
            if table.members[0].form == "word":
                word_tables.append(site)
            elif table.members[0].form == "attribute":
                key = _class_key(project, file, table.class_name, owner, "")
                by_class[key].append(site)
    for key, sites in sorted(by_class.items()):
        subjects = [site.subject for site in sites if site.subject]
        if subjects:
            subject = max(sorted(set(subjects)), key=subjects.count)
            owner = _owner_of(key)
            yield KindSet(key, f"{owner}.{subject}" if owner else subject, sites)
    yield from _word_sets(words, word_tables)


def _owner_of(key: str) -> str:
    """The class that a key names, without its module; empty for constants of a module. An inner `Status` keeps its class."""
    parts = [part for part in key.partition(":")[0].split(".") if part[:1].isupper()]
    inner = {"Status", "State", "Type", "Kind", "Choices", "Types", "States"}
    kept = [part for part in parts if part not in inner] or parts
    return kept[-1] if kept else ""


def _sites_of(project: Project, file: File, function: Function) -> Iterator[tuple[str, Site]]:
    grouped: dict[tuple[str, str], tuple[set[str], int, str]] = {}
    for comparison in function.comparisons:
        if comparison.subject in INNOCENT_SUBJECTS or _is_view_action(comparison):
            continue
        for member in comparison.members:
            key = _key(project, file, function, comparison, member)
            members, line, _ = grouped.setdefault((key, comparison.subject), (set(), comparison.line, ""))
            members.add(member.name)
    for (key, subject), (members, line, _) in grouped.items():
        if len(members) >= 2:
            yield key, Site(file, function, line, subject, frozenset(members))


def _key(project: Project, file: File, function: Function, comparison: Comparison, member: Member) -> str:
    """The set that a member belongs to; empty for a word, which the other words around it decide."""
    if member.form == "word":
        return ""
    if member.form == "attribute":
        return _class_key(project, file, function.class_name, member.owner, comparison.subject)
    found = project.resolve(file, member.name)
    module = file.names.get(member.name, "").rpartition(".")[0] if member.name in file.names else file.module
    return f"{(found.file.module if found.file else module)}:{comparison.subject}"


def _class_key(project: Project, file: File, class_name: str, owner: str, subject: str) -> str:
    if owner.partition(".")[0] in ("self", "cls"):
        rest = owner.partition(".")[2]
        found = file.classes.get(class_name)
        if found is not None:
            inner = file.classes.get(f"{found.qualified}.{rest}") if rest else found
            if inner is not None:
                return f"{file.module}.{inner.qualified}" + ("" if rest else f":{subject}" if subject else "")
    resolved = project.resolve(file, owner)
    if resolved.cls is not None:
        where = project.file_of(resolved.cls).module
        is_plain = not any(name.endswith(("Choices", "Enum")) for name in project.base_names(resolved.cls))
        is_model = f"{where}.{resolved.cls.qualified}" in project.models
        suffix = f":{subject}" if is_plain and is_model and subject else ""
        return f"{where}.{resolved.cls.qualified}{suffix}"
    if resolved.file is not None:
        return f"{resolved.file.module}:{subject}"
    return f"{resolved.outside or owner}:{subject}"


def _is_view_action(comparison: Comparison) -> bool:
    return comparison.whole_subject in ("self.action", "view.action", "self.request.method", "request.method", "action")


def _word_sets(words: dict[str, list[Site]], tables: list[Site]) -> Iterator[KindSet]:
    sets: list[KindSet] = []
    for subject, sites in sorted(words.items()):
        for group in _connected(sites):
            sets.append(KindSet(f"{subject}:{'|'.join(sorted(_all(group))[:3])}", subject, group))
    for group in _alike(tables):
        keys = _all(group)
        best = max(sets, key=lambda kinds: (len(_all(kinds.sites) & keys), len(kinds.sites), kinds.name), default=None)
        if best is not None and len(_all(best.sites) & keys) >= 2:
            best.sites += group
        elif len(group) >= LEAST_SITES:
            name = group[0].table.lower()
            sets.append(KindSet(f"{group[0].file.module}:{group[0].table}", name, group))
    for found in sets:
        core = found.core
        found.name = f"{found.subject}:{'|'.join(core[:2])}"
    yield from sets


def _all(sites: list[Site]) -> set[str]:
    return {member for site in sites for member in site.members}


def _connected(sites: list[Site]) -> list[list[Site]]:
    """Sites in groups: two belong together when they share a word, directly or through others."""
    groups: list[tuple[set[str], list[Site]]] = []
    for site in sites:
        touching = [group for group in groups if group[0] & site.members]
        rest = [group for group in groups if not group[0] & site.members]
        members = set(site.members).union(*(group[0] for group in touching))
        groups = [*rest, (members, [member for group in touching for member in group[1]] + [site])]
    return [group for _, group in groups]


def _alike(tables: list[Site]) -> list[list[Site]]:
    """Tables in groups that share most of their keys."""
    groups: list[list[Site]] = []
    for table in tables:
        for group in groups:
            keys = group[0].members
            if len(keys & table.members) >= SHARED_KEYS * min(len(keys), len(table.members)):
                group.append(table)
                break
        else:
            groups.append([table])
    return groups


def _is_innocent(project: Project, kinds: KindSet, core: list[str]) -> bool:
    members = set(core)
    if any(len(members & known) >= max(2, len(members) * 0.6) for known in KNOWN_WORDS):
        return True
    if all(re.fullmatch(r"[a-z]{2}([-_][A-Za-z]{2,4})?", member) for member in members):
        return True
    if any("__" in member for member in members) or all(MEDIA_TYPE.fullmatch(member) for member in members):
        return True
    fields = {name for model in project.models.values() for name in model.fields}
    if sum(member in fields for member in members) * 2 >= len(members) and ":" in kinds.name:
        return not kinds.name.partition(":")[0].rpartition(".")[2][:1].isupper()
    return False


def _single_askers(project: Project) -> dict[str, list[tuple[Spot, frozenset[str]]]]:
    found: dict[str, list[tuple[Spot, frozenset[str]]]] = defaultdict(list)
    for place in project.places("code"):
        by_subject: dict[str, tuple[int, set[str]]] = {}
        for comparison in place.function.comparisons:
            line, members = by_subject.setdefault(comparison.subject, (comparison.line, set()))
            members |= {member.name for member in comparison.members}
        for subject, (line, members) in by_subject.items():
            if len(members) == 1:
                here = spot(place.file, place.function, line, place.function.qualified)
                found[subject].append((here, frozenset(members)))
    return found
