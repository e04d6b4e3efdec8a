from django.contrib import admin
from django.urls import include, path, re_path

from plumbing.docs import DocsView
from plumbing.endpoints import NoSuchRoute
from plumbing.health import healthz, readyz
from plumbing.metrics import metrics_view
from plumbing.openapi import openapi_json
from webhooks.adapters.metrics import gauges

admin.site.site_header = admin.site.site_title = "Webhooks"
admin.site.site_url = "/docs/"

urlpatterns = [
    path("v1/openapi.json", openapi_json, name="openapi"),
    path("v1/", include("clients.urls")),
    path("v1/", include("webhooks.adapters.api.urls")),
    re_path(r"^v1(?:/[\s\S]*)?$", NoSuchRoute.as_view()),
    path("docs/", DocsView.as_view()),
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics_view(gauges)),
    path("admin/", admin.site.urls),
]
handler400 = "plumbing.problems.bad_request"
handler404 = "plumbing.problems.not_found"
handler500 = "plumbing.problems.server_error"
