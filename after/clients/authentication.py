from plumbing.authentication import BearerAuthentication

from .models import ApiKey


class ApiKeyAuthentication(BearerAuthentication):
    # A key that was made while its client was being deleted is not revoked, and is none all the same.
    usable = ApiKey.objects.filter(revoked_at__isnull=True, client__deleted_at__isnull=True)

    def find(self, digest: str) -> ApiKey | None:
        return self.usable.filter(digest=digest).first()
