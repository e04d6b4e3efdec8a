from django.urls import path

from payments import views

urlpatterns = [
    path("payments", views.create_payment),
    path("payments/<int:pk>", views.show_payment),
    path("payments/<int:pk>/refunds", views.create_refund),
    path("refunds/open", views.list_open_refunds),
    path("statements", views.take_statement),
]
