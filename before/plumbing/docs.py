"""`/docs/`: the OpenAPI document as a page for trying the API with an API key that is typed in there."""

from typing import Any

from drf_spectacular.views import SpectacularSwaggerSplitView

# Allows only this server's own files. Swagger UI needs inline styles, and its icons are inline.
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)


class DocsView(SpectacularSwaggerSplitView):
    url_name = "openapi"
    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []

    def finalize_response(self, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(*args, **kwargs)
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return response
