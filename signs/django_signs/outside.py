"""What reaches outside: HTTP, mail, subprocesses and SDKs, queues, and files."""

import re

from .facts import Call
from .project import Place, Project

QUEUES = {"delay", "apply_async", "send_task", "enqueue", "async_task", "enqueue_call", "enqueue_in", "enqueue_at"}
QUEUE_FUNCTIONS = {"django_q.tasks.async_task", "django_q.tasks.schedule", "django_rq.enqueue"}
HTTP_VERBS = {"get", "post", "put", "patch", "delete", "head", "options", "request", "send", "stream"}
WORLD = {
    "django.core.mail.send_mail", "django.core.mail.send_mass_mail", "django.core.mail.mail_admins",
    "django.core.mail.mail_managers", "urllib.request.urlopen", "urllib.request.urlretrieve", "os.system",
    "socket.create_connection", "telnetlib.Telnet",
}  # fmt: skip
WORLD_ROOTS = {"subprocess": {"run", "call", "check_call", "check_output", "Popen"}}
HTTP_ROOTS = ("requests", "httpx", "urllib3", "aiohttp", "pycurl", "treq")
SDK_ROOTS = (
    "stripe", "boto3", "botocore", "braintree", "twilio", "sendgrid", "slack_sdk", "slack", "openai", "anthropic",
    "paypalrestsdk", "adyen", "Adyen", "mollie", "razorpay", "authorizenet", "firebase_admin", "telegram", "github",
    "jira", "gitlab", "paramiko", "ldap", "ldap3", "smtplib", "ftplib", "pika", "kafka", "mailchimp3", "plaid", "xero",
    "algoliasearch", "meilisearch", "googleapiclient", "posthog", "apprise",
)  # fmt: skip
SDK_VERBS = re.compile(
    r"(?:create|retrieve|modify|cancel|capture|refund|charge|send|publish|post|put|upload|download|list|update|delete|"
    r"invoke|connect|exec_command|search|sendmail|sale|submit|confirm|notify|add)(?:_\w+)?"
)
# A client by its name, where its type cannot be seen: `stripe_client.customers.update`, `get_s3_client().put`.
CLIENTS = re.compile(
    r"(?:self\.)?_?(?:get_)?(?:stripe|boto3?|s3|sqs|sns|ses|twilio|sendgrid|slack|openai|braintree|paypal|github|gitlab|jira|"
    r"ldap|zendesk|http|api)_(?:client|connection|gateway|session)(?:\(\))?(?:\.|$)"
)
MAIL_CLASSES = {"EmailMessage", "EmailMultiAlternatives"}
FILE_CALLS = {"os.remove", "os.unlink", "os.rename", "os.replace", "os.rmdir", "os.removedirs"}
FILE_ROOT = "shutil"


class Outside:
    """What leaves the database in the calls of a project."""

    def __init__(self, project: Project) -> None:
        self.senders = tuple(name.removesuffix("()") for name in project.options.sends)

    def sent_by_name(self, place: Place, call: Call) -> tuple[str, str] | None:
        """`world` or `queue`, and what is called, by a sender that the project names, or by a queue."""
        if self._is_named_sender(place, call.callee):
            return "world", call.callee
        before, _, last = call.callee.rpartition(".")
        if last in QUEUES and before and not is_for_later(call) and _is_queue(before, last):
            return "queue", _short(call.callee)
        return None

    def _is_named_sender(self, place: Place, callee: str) -> bool:
        if not self.senders:
            return False
        plain = callee.replace("()", "")
        head, _, rest = plain.partition(".")
        whole = ".".join(filter(None, (place.file.names.get(head, head), rest)))
        own = f"{place.file.module}.{plain}"
        return any(
            text == sender or text.endswith("." + sender) or f".{sender}." in f".{text}."
            for sender in self.senders
            for text in (whole, own)
        )


def is_for_later(call: Call) -> bool:
    """Whether it queues a task for later, when the transaction of now is over."""
    before, _, last = call.callee.rpartition(".")
    return last in QUEUES and bool(before) and any(name in ("countdown", "eta") for name, _ in call.keywords)


def _is_queue(before: str, last: str) -> bool:
    if last != "enqueue" and last != "delay":
        return True
    return (before not in ("self", "cls") and not before.startswith("self.")) or last == "delay"


def reached_by(place: Place, call: Call) -> tuple[str, str] | None:
    """`world`, `queue` or `files`, and what is called; None where nothing leaves the database."""
    before, _, last = call.callee.rpartition(".")
    name = _full_name(place, call.callee)
    root, _, rest = name.partition(".")
    if name in QUEUE_FUNCTIONS or (not before and last == "async_task"):
        return "queue", _short(call.callee)
    if name in WORLD or (root in WORLD_ROOTS and last in WORLD_ROOTS[root]):
        return "world", _short(name)
    if root in HTTP_ROOTS and last.lower() in HTTP_VERBS and "exceptions" not in name:
        return "world", _short(name)
    if root in SDK_ROOTS and rest and SDK_VERBS.fullmatch(last) and "error" not in name.lower():
        return "world", _short(name)
    if before and CLIENTS.match(before) and SDK_VERBS.fullmatch(last):
        return "world", _short(call.callee)
    if before and last in ("send", "email_user") and _is_mail(name, last):
        return "world", "EmailMessage.send" if last == "send" else "email_user"
    if (root == FILE_ROOT and rest) or name in FILE_CALLS:
        return "files", _short(name)
    if last == "unlink" and before and not call.arguments and root not in ("os",):
        return "files", _short(call.callee)
    return None


def _is_mail(name: str, last: str) -> bool:
    return last == "email_user" or any(f"{one}()" in name for one in MAIL_CLASSES)


def _full_name(place: Place, callee: str) -> str:
    """The callee with imports and one local name replaced by what they are: `requests.Session().post`."""
    head, dot, rest = callee.partition(".")
    plain = head.removesuffix("()").removesuffix("[]")
    bound = place.function.bindings.get(plain, [])
    if bound and head == plain:
        head = bound[0]
        start = head.partition(".")[0].partition("(")[0].partition("[")[0]
        head = place.file.names.get(start, start) + head[len(start) :]
    elif plain in place.file.names:
        head = place.file.names[plain] + head[len(plain) :]
    return f"{head}{dot}{rest}"


def _short(name: str) -> str:
    """The last two parts of a name, without brackets."""
    return ".".join(name.replace("()", "").replace("[]", "").split(".")[-2:])
