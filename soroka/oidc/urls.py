"""All that there is of allauth: its own pages, of passwords, addresses and connections, are nowhere."""

from django.urls import path

from soroka.oidc.views import end, start

urlpatterns = [
    path("login/", start, name="oidc-login"),
    path("callback/", end, name="oidc-callback"),
]
