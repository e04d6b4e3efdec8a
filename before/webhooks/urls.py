from django.urls import path

from .views import EventViewSet

urlpatterns = [
    path("events", EventViewSet.as_view({"get": "list", "post": "create"})),
    path("events/<str:public_id>", EventViewSet.as_view({"get": "retrieve"})),
]
