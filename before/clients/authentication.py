from plumbing.authentication import BearerAuthentication

from .models import ApiKey


class ApiKeyAuthentication(BearerAuthentication):
    # A key that was made during its client's delete is not revoked, but it must not work either.
    usable = ApiKey.objects.filter(revoked_at__isnull=True, client__deleted_at__isnull=True)

    def find(self, digest: str) -> ApiKey | None:
        return self.usable.filter(digest=digest).first()
