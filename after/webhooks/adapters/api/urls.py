from django.urls import path

from .views import ClientEventsViewSet, DeliveryViewSet, EventViewSet, FormatViewSet

urlpatterns = [
    path("clients/<str:slug>/preview", ClientEventsViewSet.as_view({"post": "preview"})),
    path("clients/<str:slug>/test", ClientEventsViewSet.as_view({"post": "test"})),
    path("clients/<str:slug>/recover", ClientEventsViewSet.as_view({"post": "recover"})),
    path("events", EventViewSet.as_view({"get": "list", "post": "create"})),
    path("events/<str:public_id>", EventViewSet.as_view({"get": "retrieve"})),
    path("formats", FormatViewSet.as_view({"get": "list"})),
    path("deliveries", DeliveryViewSet.as_view({"get": "list"})),
    path("deliveries/<str:public_id>", DeliveryViewSet.as_view({"get": "retrieve"})),
    path("deliveries/<str:public_id>/retry", DeliveryViewSet.as_view({"post": "retry"})),
]
