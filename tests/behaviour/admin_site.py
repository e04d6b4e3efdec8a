"""The admin as a browser sees it: cookies, CSRF tokens, the fields of its forms and the rows of its lists."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from harness.http import Api, Response
from harness.world import Manage

CLIENTS = "/admin/clients/client/"
EVENTS = "/admin/webhooks/event/"
DELIVERIES = "/admin/webhooks/delivery/"
ATTEMPTS = "/admin/webhooks/attempt/"
FORM = "application/x-www-form-urlencoded"


@dataclass
class Row:
    """A row of a list: the key of its checkbox, and its text."""

    key: str = ""
    text: str = ""


@dataclass
class Page(HTMLParser):
    """A parsed answer of the admin. `fields` are the fields of its main form, as a browser would send them back."""

    response: Response
    fields: dict[str, list[str]] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[str] = []
        self._in_form = self._in_list = self._in_row = False
        self._select = self._textarea = ""
        if self.response.content_type.startswith("text/html"):
            self.feed(self.html)

    @property
    def status(self) -> int:
        return self.response.status

    @property
    def html(self) -> str:
        return self.response.text

    @property
    def location(self) -> str:
        return self.response.headers.get("Location", "")

    def link(self, text: str) -> str:
        """The target of the first link with exactly this text."""
        return next(href for label, href in self.links if label == text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag in ("script", "style"):
            self._open.append(tag)
        elif tag == "form":
            self._in_form = at.get("id", "").endswith("_form")
        elif tag == "table":
            self._in_list = at.get("id") == "result_list"
        elif tag == "tbody":
            self._in_row = self._in_list
        elif tag == "tr" and self._in_row:
            self.rows.append(Row())
        elif tag == "a":
            self.links.append(("", at.get("href", "")))
            self._open.append("a")
        elif tag == "input":
            self._input(at)
        elif self._in_form and tag == "select":
            self._select = at["name"]
        elif self._in_form and tag == "option" and "selected" in at:
            self.fields.setdefault(self._select, []).append(at["value"])
        elif self._in_form and tag == "textarea":
            self._textarea = at["name"]
            self.fields[self._textarea] = [""]

    def _input(self, at: dict[str, str]) -> None:
        if self._in_row and at.get("name") == "_selected_action":
            self.rows[-1].key = at["value"]
        pressed = at.get("type") in ("submit", "button", "reset")
        left_open = at.get("type") in ("checkbox", "radio") and "checked" not in at
        if self._in_form and "name" in at and not pressed and not left_open:
            self.fields.setdefault(at["name"], []).append(at.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()
        elif tag == "form":
            self._in_form = False
        elif tag == "table":
            self._in_list = self._in_row = False
        elif tag == "textarea" and self._textarea:
            # A browser leaves out the line feed that directly follows the opening tag.
            self.fields[self._textarea] = [self.fields[self._textarea][0].removeprefix("\n")]
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in ("script", "style"):
            return
        if self._textarea:
            self.fields[self._textarea][0] += data
        if self._in_row and self.rows:
            self.rows[-1].text += data
        if self._open:
            label, href = self.links[-1]
            self.links[-1] = (label + data.strip(), href)
        self.text += data


class AdminSite:
    """A browser on the admin. POSTs carry the CSRF token; redirects are not followed by themselves."""

    def __init__(self, api: Api, cookies: Mapping[str, str] | None = None) -> None:
        self._api = api.anonymous()
        self.cookies = dict(cookies or {})

    def sign_in(self, name: str, password: str) -> None:
        self.get("/admin/login/")
        fields = {"username": name, "password": password, "next": "/admin/"}
        assert self.post("/admin/login/", fields).location == "/admin/"

    def get(self, path: str) -> Page:
        return self._page(self._api.get(path, headers=self._headers()))

    def post(self, path: str, fields: Mapping[str, Any], token: bool = True) -> Page:
        with_token = {**fields, "csrfmiddlewaretoken": self.cookies["csrftoken"]} if token else fields
        body = urlencode(with_token, doseq=True).encode()
        answer = self._api.post(path, body=body, headers=self._headers(), content_type=FORM)
        return self._page(answer)

    def submit(self, path: str, changes: Mapping[str, Any]) -> Page:
        """Opens a page, changes some fields of its form and saves it."""
        return self.post(path, {**self.get(path).fields, **changes, "_save": "Save"})

    def act(self, path: str, action: str, keys: Iterable[object]) -> Page:
        """Selects rows of a list and does something with them."""
        return self.post(path, {"action": action, "_selected_action": list(keys)})

    def _headers(self) -> dict[str, str]:
        sent = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Cookie": sent} if sent else {}

    def _page(self, response: Response) -> Page:
        for line in response.headers.get_all("Set-Cookie", []):
            for name, cookie in SimpleCookie(line).items():
                self.cookies[name] = cookie.coded_value
                if cookie["max-age"] in (0, "0"):
                    del self.cookies[name]
        return Page(response)


def sign_in_superuser(api: Api, manage: Manage, name: str = "ada") -> AdminSite:
    """The admin of a new superuser."""
    superuser = {
        "DJANGO_SUPERUSER_USERNAME": name,
        "DJANGO_SUPERUSER_EMAIL": f"{name}@example.com",
        "DJANGO_SUPERUSER_PASSWORD": "correct horse battery staple",
    }
    manage.ok("createsuperuser", "--noinput", env=superuser)
    site = AdminSite(api)
    site.sign_in(name, superuser["DJANGO_SUPERUSER_PASSWORD"])
    return site
