from django.urls import path

from shop import views

urlpatterns = [
    path("api/orders/<int:pk>", views.show_order),
    path("orders", views.create_order),
    path("orders/<int:pk>/pay", views.pay),
    path("orders/<int:pk>/cancel", views.cancel),
    path("orders/<int:pk>/shipping", views.show_shipping),
    path("office/orders/<int:pk>/address", views.change_address),
    path("office/orders/<int:pk>/packing-list", views.packing_list),
]
