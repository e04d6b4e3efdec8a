from django.urls import path

from shop import views

urlpatterns = [
    path("books", views.add_book),
    path("books/<slug:sku>", views.show_book),
    path("books/<slug:sku>/reserve", views.reserve_book),
    path("books/<slug:sku>/release", views.release_book),
]
