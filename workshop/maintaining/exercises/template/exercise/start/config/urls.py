from django.urls import path

from shop import views

urlpatterns = [path("price/<str:amount>", views.show_price)]
