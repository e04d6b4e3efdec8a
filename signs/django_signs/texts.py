"""What the report says about each sign, in the words of a colleague."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """The words for one sign. `steps`, `exercise` and `pattern` are those of the workshop that this package comes from."""

    title: str
    means: str
    costs: str
    """What it costs when the project's history says nothing."""
    do: str
    first: str
    """What fits into half a day."""
    leave: str
    steps: tuple[str, ...] = ()
    exercise: str = ""
    pattern: str = ""
    """The name of its page in the workshop's docs/patterns/."""


TEXTS = {
    "scattered-set": Text(
        "scattered set",
        "One list of kinds or states is decided on in many functions, so a new member means a search for all of them.",
        "each new member has to find all these places; nothing fails when one is missed",
        "one entry for each member, in a registry that the other places ask",
        "move two members into the registry; the others fall through to the code of today",
        "no member was added in two years, or the law or Django decides which members exist",
        ("steps/02-one-format-out", "steps/03-the-rest-follow"),
        "4",
        "registry",
    ),
    "unowned-state": Text(
        "state without an owner",
        "A status field gets fixed values in many modules, so no single place knows which change is allowed.",
        "a forbidden change of state raises no error; it shows later, in the data",
        "one function for each transition, which refuses what is not allowed",
        "write the table of allowed transitions as one test, then move the most used transition into a function",
        "the field is only a label that people set by hand",
        ("steps/01-name-the-language", "steps/06-decide-without-doing"),
        "",
        "pure-decision",
    ),
    "fat-entry": Text(
        "fat entry",
        "A view, serializer, form or task takes the input apart, decides, writes several rows and often sends something.",
        "a command, a task or a second API cannot do the same without a copy of it",
        "one function for the use case; the entry only translates the request and the answer",
        "pin the behaviour with two tests, then move the body into a function without `request`",
        "nothing else will ever do the same, and it has not changed for a year",
        ("steps/04-extract-services", "steps/06-decide-without-doing"),
        "6",
        "use-case",
    ),
    "mixed-function": Text(
        "mixed function",
        "A function outside the entries decides, writes and sends, all in one.",
        "a test of the decision needs rows and a patched call",
        "read first, then decide with plain values, then write and send",
        "move the decision into a function that takes values and returns a value, and test that one",
        "it has not changed for a year",
        ("steps/06-decide-without-doing",),
        "6",
        "pure-decision",
    ),
    "hidden-work": Text(
        "hidden work",
        "Saving or deleting a row does more than that, in a receiver or in `save`. The code that saves does not show it.",
        "`bulk_create`, `update` and fixtures skip it; tests have to know it or stub it",
        "one visible call in the function that saves the row, instead of the receiver",
        "list the callers that rely on it, and call the function there by name",
        "the sender is not yours, or only a trail, a cache or a search index is kept",
        ("steps/04-extract-services",),
        "6",
        "use-case",
    ),
    "world-in-transaction": Text(
        "world in a transaction",
        "Mail, HTTP, a task or a file goes out before the commit. After a rollback it has happened nevertheless.",
        "a rollback does not take it back, a worker may look for a row that is not there yet, and locks last longer",
        "`transaction.on_commit(…)` today; an outbox when the message must not be lost",
        "hand the call to `transaction.on_commit`, and test it with `captureOnCommitCallbacks`; a call whose answer you need "
        "goes before the transaction",
        "the call has to be able to veto the write; say so in a comment",
        ("steps/09-accept-in-one-transaction", "steps/08-deliver-behind-a-repository"),
        "10",
        "outbox",
    ),
    "scattered-writes": Text(
        "scattered writes",
        "Many modules of several apps write the same table, so no rule about it has one place.",
        "a new rule about this table has to be added at all of these places",
        "named methods or use cases for what happens to the row; the other apps call them",
        "name the three most frequent writes, and move one of them into a method",
        "each place sets another column for itself",
        ("steps/04-extract-services", "steps/09-accept-in-one-transaction"),
        "6",
        "use-case",
    ),
    "same-condition": Text(
        "same condition",
        "The same rule is written out in many queries.",
        "a change of the rule has to find all of these queries; a query that is missed shows rows that nobody should see",
        "one queryset method that has the rule's name",
        "add the method, and use it in the queries of one module",
        "two rules only happen to look alike",
        ("steps/01-name-the-language", "steps/04-extract-services"),
        "",
        "value-object",
    ),
    "patched-door": Text(
        "patched door",
        "Tests replace a function by the path under which each module imports it.",
        "moving an import breaks tests that have nothing to do with it",
        "a port that is passed in, with a fake that the tests share",
        "write one fake, and use it in the test file with the most patches",
        "all patches use one path: that is a port already",
        ("steps/07-name-the-ports",),
        "8",
        "port-with-fake",
    ),
    "app-circle": Text(
        "app circle",
        "These apps import each other, so none of them can be understood, tested or moved alone.",
        "this is a fact about the project, not an alarm: healthy projects have circles too",
        "ids and values between apps instead of models; an import contract for what is free today",
        "turn the lightest import round, and add a contract that keeps it so",
        "two apps are one subject: merge them",
        ("steps/01-name-the-language", "steps/10-close-the-walls"),
        "",
        "import-walls",
    ),
    "table-is-api": Text(
        "the table is the API",
        "Serializers publish every column, so a column cannot be renamed without breaking a client.",
        "a migration of the table is a change of the API",
        "name the fields of the API, and let the columns have names of their own",
        "write out the fields of the serializer that other people use most",
        "the only client is a front end that is shipped with the same commit",
        ("steps/05-free-the-api",),
        "5",
        "wire-schema",
    ),
    "hot-function": Text(
        "hot function",
        "A function that is very hard to follow is in a file that changes all the time.",
        "each change has to understand all of it",
        "pin its behaviour first, then take the decisions out",
        "write the tests that fail when one of its rules breaks",
        "the changes of the file are elsewhere in it",
        ("steps/06-decide-without-doing",),
        "2",
        "characterisation-tests",
    ),
    "lost-write": Text(
        "lost write",
        "A number is read from a row, changed in Python and saved. Two requests at once lose one change.",
        "the number is wrong now and then, and nobody can repeat it",
        "`F()` in an `update`, or `select_for_update` around the read",
        "write the test with two of them at once, then change the line",
        "only one process ever writes this row",
        ("steps/08-deliver-behind-a-repository",),
        "9",
        "lease",
    ),
}
