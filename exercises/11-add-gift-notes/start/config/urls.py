from django.urls import path

from shop import views

urlpatterns = [
    path("products", views.list_products),
    path("orders", views.create_order),
    path("orders/<int:pk>/invoice", views.show_invoice),
]
