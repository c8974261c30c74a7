"""Every address, without its trailing slash: ``EitherSlashMiddleware`` takes both."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, register_converter
from django.views.i18n import set_language
from rest_framework.routers import SimpleRouter

from soroka.admin.dashboard import show_now, show_totals
from soroka.admin.own_password import change_password
from soroka.admin.report import show_letter, show_report
from soroka.admin.second_factor import second_factor
from soroka.admin.viewer_zone import choose_zone
from soroka.api.clients import ClientViewSet
from soroka.api.docs import RedocView, SchemaView, SwaggerView
from soroka.api.download import FileKind
from soroka.api.evidence import ClientEvidence
from soroka.api.exports import ClientExport, MessageExport, OneMailingExport, StatisticsExport
from soroka.api.gateways import GatewayViewSet
from soroka.api.health import Livez, Readyz
from soroka.api.imports import ImportViewSet
from soroka.api.inbound import Inbound
from soroka.api.mailings import MailingViewSet
from soroka.api.messages import ClientMessages, MailingMessages, MessageViewSet
from soroka.api.metrics import metrics
from soroka.api.opt_out import OptIn, OptOut
from soroka.api.opt_out_page import OptOutPage
from soroka.api.root import Root
from soroka.api.segments import SegmentViewSet
from soroka.api.statistics import MailingStatisticsView
from soroka.api.tags import TagViewSet
from soroka.api.tokens import FreshTokens, NewTokens, SpentToken
from soroka.api.trials import GatewayTrial
from soroka.api.why import ClientWhy

register_converter(FileKind, "kind")

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
    path("auth/token", NewTokens.as_view(), name="token"),
    path("auth/token/refresh", FreshTokens.as_view(), name="token-refresh"),
    path("auth/token/revoke", SpentToken.as_view(), name="token-revoke"),
    path("clients/export.<kind:kind>", ClientExport.as_view(), name="client-export"),
    path("clients/<int:client_id>/messages", ClientMessages.as_view(), name="client-messages"),
    path("clients/<int:client_id>/evidence", ClientEvidence.as_view(), name="client-evidence"),
    path("clients/<int:client_id>/opt-in", OptIn.as_view(), name="client-opt-in"),
    path("clients/<int:client_id>/opt-out", OptOut.as_view(), name="client-opt-out"),
    path("clients/<int:client_id>/why", ClientWhy.as_view(), name="client-why"),
    path("gateways/<str:name>/inbound", Inbound.as_view(), name="inbound"),
    path("gateways/<str:name>/trial", GatewayTrial.as_view(), name="gateway-trial"),
    path("mailings/<int:mailing_id>/messages", MailingMessages.as_view(), name="mailing-messages"),
    path("mailings/<int:mailing_id>/messages/export.<kind:kind>", MessageExport.as_view(), name="message-export"),
    path("mailings/<int:mailing_id>/statistics/export.<kind:kind>", OneMailingExport.as_view(), name="mailing-export"),
    path("mailing-statistics/export.<kind:kind>", StatisticsExport.as_view(), name="statistics-export"),
    path("mailing-statistics", MailingStatisticsView.as_view(), name="mailing-statistics"),
    *router.urls,
    path("u/<str:token>", OptOutPage.as_view(), name="opt-out"),
    path("schema", SchemaView.as_view(), name="schema"),
    path("swagger", SwaggerView.as_view(), name="swagger"),
    path("docs", SwaggerView.as_view()),
    path("redoc", RedocView.as_view(), name="redoc"),
    path("livez", Livez.as_view(), name="livez"),
    path("readyz", Readyz.as_view(), name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("admin/now/", show_now, name="desk-now"),
    path("admin/totals/", show_totals, name="desk-totals"),
    path("admin/zone/", admin.site.admin_view(choose_zone), name="desk-zone"),
    path("admin/password_change/", admin.site.admin_view(change_password), name="desk-password"),
    path("admin/second-factor/", admin.site.admin_view(second_factor), name="desk-second-factor"),
    path("admin/report/", admin.site.admin_view(show_report), name="desk-report"),
    path("admin/report/letter/", admin.site.admin_view(show_letter), name="desk-report-letter"),
    path("admin/language/", set_language, name="set_language"),
    *([path("admin/oidc/", include("soroka.oidc.urls"))] if settings.OIDC_ISSUER else []),
    path("admin/", admin.site.urls),
]

handler400 = "soroka.api.fallbacks.bad_request"
handler403 = "soroka.api.fallbacks.permission_denied"
handler404 = "soroka.api.fallbacks.not_found"
handler500 = "soroka.api.fallbacks.server_error"
