from rest_framework.routers import SimpleRouter

from .views import ClientViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("clients", ClientViewSet)
urlpatterns = router.urls
