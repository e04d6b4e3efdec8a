from django.urls import path

from shop import views

urlpatterns = [
    path("products", views.ProductList.as_view()),
    path("products/<int:pk>", views.ProductDetail.as_view()),
    path("carts", views.CartList.as_view()),
    path("carts/<int:pk>", views.CartDetail.as_view()),
    path("carts/<int:pk>/lines", views.add_line),
    path("carts/<int:pk>/order", views.order_cart),
]
