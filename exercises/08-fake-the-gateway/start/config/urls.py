from django.urls import path

from payments import views

urlpatterns = [
    path("payments", views.create_payment),
    path("payments/<slug:reference>", views.show_payment),
    path("payments/<slug:reference>/capture", views.capture),
]
