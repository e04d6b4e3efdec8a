"""`Authorization: Bearer <key>` for REST framework. A subclass looks up the key's holder."""

from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from .keys import bearer_key, digest_of


class BearerAuthentication(BaseAuthentication):
    """Puts the result of `find` into `request.user` and `request.auth`; a bad key is 401, no key is anonymous."""

    def find(self, digest: str) -> Any:
        """The holder of the key with this digest, or None."""
        raise NotImplementedError

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        header = request.headers.get("Authorization")
        if header is None:
            return None
        key = bearer_key(header)
        holder = self.find(digest_of(key)) if key else None
        if holder is None:
            raise AuthenticationFailed("The API key is unknown or revoked.")
        return holder, holder

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
