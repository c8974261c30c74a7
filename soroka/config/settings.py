"""Every setting of this installation, read from the environment.

A variable ``NAME`` may also be given as ``NAME_FILE``, a path to a file that holds the value. A missing or unreadable
one fails at start with its name.
"""

from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

from soroka.config import unfold
from soroka.config.env import env

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# --- What is installed -----------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "soroka",
]

MIDDLEWARE = [
    "soroka.api.request_id.RequestIdMiddleware",
    "soroka.api.body_length.KnownLengthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "soroka.api.slashes.EitherSlashMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "soroka.config.urls"
WSGI_APPLICATION = "soroka.config.wsgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).resolve().parent.parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- The truth: PostgreSQL -------------------------------------------------------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL")}
DATABASES["default"]["CONN_MAX_AGE"] = 0  # the pool keeps connections, and Django refuses to do so as well
DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
    "min_size": 0,
    "max_size": env.int("DATABASE_POOL_SIZE", default=8),
    "timeout": 5,  # the default of 30 s hides a wrong address
}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True  # a connection that died with a restarted database is not handed out
#: Whether statements of the hot path are parsed and planned once a connection; None: where no pooler stands between.
DATABASE_PREPARE: bool | None = env.bool("DATABASE_PREPARE", default=None)
DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 2
# PgBouncer may give the session to another after each transaction, and a cursor must not be left in it.
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
# No wait for a server without an end. Those inside of it `manage.py prepare` limits, once for all connections.
DATABASES["default"]["OPTIONS"] |= {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}

# --- The doorbell: Celery over Redis or Valkey -----------------------------------------------------------------------

REDIS_URL = env.str("REDIS_URL")


def _broker(url: str) -> str:
    """The same server in Celery's writing, which differs on a unix socket: ``redis+socket:///path?virtual_host=1``."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    return f"redis+socket://{parts.path}?virtual_host={parse_qs(parts.query).get('db', ['0'])[0]}"


CELERY_BROKER_URL = _broker(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "clock"
CELERY_TASK_ROUTES = {
    "soroka.tasks.deliver": {"queue": "delivery"},
    "soroka.tasks.plan": {"queue": "planning"},
    "soroka.tasks.import_clients": {"queue": "planning"},
}
CELERY_TASK_QUEUES = [Queue(name, routing_key=name) for name in ("clock", "delivery", "planning")]
CELERY_TASK_TIME_LIMIT = 120
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SEND_TASK_EVENTS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a broker that was away for a night is found again
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,  # well above the longest task: a task in work is never delivered again
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 10,
}
# A signal older than ten minutes says nothing that a fresh one does not: a long stop leaves no endless queue behind.
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "soroka.tasks.tick", "schedule": 1.0, "options": {"expires": 600}},
}

# --- Delivery --------------------------------------------------------------------------------------------------------

#: How many pumps may work at once over all workers and hosts.
PUMPS = env.int("SOROKA_PUMPS", default=2)
_SHORTEST_LEASE = 2
#: Seconds for which a claimed batch belongs to its pump; renewed every third of it.
LEASE_SECONDS = env.float("SOROKA_LEASE_SECONDS", default=15)
if LEASE_SECONDS < _SHORTEST_LEASE:
    raise ImproperlyConfigured(
        f"SOROKA_LEASE_SECONDS must be at least {_SHORTEST_LEASE}: it is renewed every third of it."
    )
#: The gateway named ``default``. More of them are kept in the database.
GATEWAY_URL = env.str("GATEWAY_URL", default="")
#: Asked anew each time: a token that was replaced in its file counts from then on.
READ_GATEWAY_TOKEN = partial(env.str, "GATEWAY_TOKEN", default="")
GATEWAY_IDEMPOTENT = env.bool("GATEWAY_IDEMPOTENT", default=True)

# --- Time and language -----------------------------------------------------------------------------------------------

USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="Europe/Moscow")
LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", "Русский"), ("en", "English")]
# Before those of the apps: the admin's own words are Russian as well.
LOCALE_PATHS = [
    Path(__file__).resolve().parent.parent / "locale",
    Path(__file__).resolve().parent.parent / "api" / "descriptions",
]

# --- Pages and statics -----------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # no collectstatic step: files are served from where the packages keep them
LOGIN_URL = "/admin/login/"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("HTTPS_ONLY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
X_FRAME_OPTIONS = "DENY"
UNFOLD = unfold.ADMIN

#: The first password of the user ``admin``; ``manage.py prepare`` generates one where it is empty.
ADMIN_PASSWORD = env.str("SOROKA_ADMIN_PASSWORD", default="")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

#: Bytes that an upload may have.
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=256 * 1024 * 1024)
FILE_UPLOAD_HANDLERS = [
    "soroka.api.body.SizeLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- The API ---------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    # The JWT comes first: its challenge is the one that a 401 carries.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework_simplejwt.authentication.JWTAuthentication",
        "soroka.api.api_keys.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
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
SPECTACULAR_SETTINGS = {
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

# --- Logs ------------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django.server": {"handlers": [], "propagate": False},
        "django.security.DisallowedHost": {"level": "CRITICAL"},  # a scanner's traceback each time tells nothing
        # Two lines for every tick would bury the others; a failure is logged all the same.
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
    },
}
