from django.urls import path

from shop import views

urlpatterns = [
    path("carts", views.create_cart),
    path("checkout", views.checkout),
    path("books/<int:pk>", views.show_book),
    path("orders/<int:pk>", views.show_order),
]
