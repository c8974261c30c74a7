"""Every address, without its trailing slash: ``EitherSlashMiddleware`` takes both."""

from django.contrib import admin
from django.urls import path
from django.views.i18n import set_language
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

from soroka.api.clients import ClientViewSet
from soroka.api.docs import RedocView, SwaggerView
from soroka.api.gateways import GatewayViewSet
from soroka.api.health import Livez, Readyz
from soroka.api.imports import ImportViewSet
from soroka.api.mailings import MailingViewSet
from soroka.api.messages import ClientMessages, MailingMessages, MessageViewSet
from soroka.api.root import Root
from soroka.api.segments import SegmentViewSet
from soroka.api.statistics import MailingStatisticsView
from soroka.api.tags import TagViewSet
from soroka.api.why import ClientWhy

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("tags", TagViewSet, basename="tag")
router.register("clients/imports", ImportViewSet, basename="client-import")
router.register("clients", ClientViewSet, basename="client")
router.register("gateways", GatewayViewSet, basename="gateway")
router.register("mailings", MailingViewSet, basename="mailing")
router.register("segments", SegmentViewSet, basename="segment")
router.register("messages", MessageViewSet, basename="message")

urlpatterns = [
    path("", Root.as_view(), name="root"),
    path("auth/token", TokenObtainPairView.as_view(), name="token"),
    path("auth/token/refresh", TokenRefreshView.as_view(), name="token-refresh"),
    path("clients/<int:client_id>/messages", ClientMessages.as_view(), name="client-messages"),
    path("clients/<int:client_id>/why", ClientWhy.as_view(), name="client-why"),
    path("mailings/<int:mailing_id>/messages", MailingMessages.as_view(), name="mailing-messages"),
    path("mailing-statistics", MailingStatisticsView.as_view(), name="mailing-statistics"),
    *router.urls,
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    path("swagger", SwaggerView.as_view(), name="swagger"),
    path("docs", SwaggerView.as_view()),
    path("redoc", RedocView.as_view(), name="redoc"),
    path("livez", Livez.as_view(), name="livez"),
    path("readyz", Readyz.as_view(), name="readyz"),
    path("admin/language/", set_language, name="set_language"),
    path("admin/", admin.site.urls),
]

handler400 = "soroka.api.fallbacks.bad_request"
handler403 = "soroka.api.fallbacks.permission_denied"
handler404 = "soroka.api.fallbacks.not_found"
handler500 = "soroka.api.fallbacks.server_error"
