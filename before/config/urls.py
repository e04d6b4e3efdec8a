from django.contrib import admin
from django.urls import include, path, re_path

from plumbing.endpoints import NoSuchRoute
from plumbing.health import healthz, readyz

admin.site.site_header = admin.site.site_title = "Webhooks"

urlpatterns = [
    path("v1/", include("clients.urls")),
    re_path(r"^v1(?:/[\s\S]*)?$", NoSuchRoute.as_view()),
    path("healthz", healthz),
    path("readyz", readyz),
    path("admin/", admin.site.urls),
]
handler400 = "plumbing.problems.bad_request"
handler404 = "plumbing.problems.not_found"
handler500 = "plumbing.problems.server_error"
