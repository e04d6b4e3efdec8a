from django.urls import path

from .views import ClientViewSet

urlpatterns = [
    path("clients", ClientViewSet.as_view({"get": "list", "post": "create"})),
    path(
        "clients/<str:slug>",
        ClientViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
    ),
    path("clients/<str:slug>/rotate-secret", ClientViewSet.as_view({"post": "rotate_secret"})),
]
