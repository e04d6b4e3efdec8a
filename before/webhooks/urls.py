from rest_framework.routers import SimpleRouter

from .views import ClientEventsViewSet, DeliveryViewSet, EventViewSet, FormatViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("clients", ClientEventsViewSet, basename="client-events")
router.register("events", EventViewSet)
router.register("formats", FormatViewSet, basename="format")
router.register("deliveries", DeliveryViewSet, basename="delivery")
urlpatterns = router.urls
