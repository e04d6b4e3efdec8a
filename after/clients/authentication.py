from plumbing.authentication import BearerAuthentication

from .models import ApiKey


class ApiKeyAuthentication(BearerAuthentication):
    def find(self, digest: str) -> ApiKey | None:
        # A key that was made while its client was being deleted is not revoked, and is none all the same.
        usable = ApiKey.objects.filter(revoked_at__isnull=True, client__deleted_at__isnull=True)
        return usable.select_related("client").filter(digest=digest).first()
