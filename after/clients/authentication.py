from plumbing.authentication import BearerAuthentication

from .models import ApiKey


class ApiKeyAuthentication(BearerAuthentication):
    def find(self, digest: str) -> ApiKey | None:
        return ApiKey.objects.select_related("client").filter(digest=digest, revoked_at__isnull=True).first()
