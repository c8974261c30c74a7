"""How the API is served and described: Django REST Framework and drf-spectacular."""

SERVED = {
    # The JWT comes first: its challenge is the one that a 401 carries.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework_simplejwt.authentication.JWTAuthentication",
        "soroka.api.api_keys.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["soroka.api.throttle.CallerThrottle"],
    "DEFAULT_PERMISSION_CLASSES": ["soroka.api.roles.RolePermission"],
    "DEFAULT_PAGINATION_CLASS": "soroka.api.pages.NumberedPages",
    "DEFAULT_RENDERER_CLASSES": [
        "rest_framework.renderers.JSONRenderer",
        "rest_framework.renderers.BrowsableAPIRenderer",
    ],
    "DEFAULT_PARSER_CLASSES": ["soroka.api.body.ShallowJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "soroka.api.problems.problem_handler",
    "COERCE_DECIMAL_TO_STRING": False,
}
DESCRIBED = {
    "TITLE": "Soroka",
    "DESCRIPTION": "Mailings that leave on time, and what became of every message.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": True, "validatorUrl": None},
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "MailingStatusEnum": "soroka.api.mailing_shapes.STATUSES",
        "MessageStatusEnum": "soroka.api.message_shapes.STATUSES",
        "ReasonEnum": "soroka.api.message_shapes.REASONS",
        "WhyReasonEnum": "soroka.api.why_shapes.WHYS",
        "ImportStateEnum": "soroka.models.ImportState",
        "GatewayStateEnum": "soroka.models.gateway.GatewayState",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "soroka.api.schema.require_what_is_shown",
        "soroka.api.schema.add_problems",
        "soroka.api.filter_schema.add_filter",
        "soroka.api.schema.translate",
    ],
}
