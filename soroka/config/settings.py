"""Every setting of this installation, read from the environment.

A variable ``NAME`` may also be given as ``NAME_FILE``, a path to a file that holds the value. A missing or unreadable
one fails at start with its name.
"""

from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from soroka.config import api, doorbell, logs, mail, oidc, security, sentry, unfold
from soroka.config.env import env, parsed
from soroka.domain.cap import Cap
from soroka.domain.claimed_role import parse_roles
from soroka.domain.opt_out_words import ALWAYS
from soroka.domain.reach import parse_networks
from soroka.domain.send_window import SendWindow, parse_holidays

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# --- What is installed -----------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "rest_framework",
    "rest_framework_simplejwt",
    "rest_framework_simplejwt.token_blacklist",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "soroka",
    "django.contrib.auth",  # after ours, whose commands take the place of its own
]

MIDDLEWARE = [
    "soroka.api.metrics.CountingMiddleware",
    "soroka.api.request_id.RequestIdMiddleware",
    "soroka.api.request_log.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "soroka.config.csp.PolicyMiddleware",
    "soroka.api.body_length.KnownLengthMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "soroka.api.door.DoorMiddleware",
    "soroka.admin.viewer_zone.ViewerZoneMiddleware",
    "soroka.admin.session_over.SessionOverMiddleware",
    "soroka.api.slashes.EitherSlashMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "soroka.api.acting.ActingMiddleware",
    "soroka.admin.set_up_first.SetUpFirstMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
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
CELERY_TASK_DEFAULT_QUEUE = doorbell.CLOCK
CELERY_TASK_QUEUES = doorbell.QUEUES
globals().update(doorbell.celery(REDIS_URL))

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
#: Networks in which the other gateways may be called beside the internet.
GATEWAY_NETWORKS = parsed("GATEWAY_NETWORKS", parse_networks)
#: What the secrets of the other gateways are sealed with in the database; SECRET_KEY where none is set.
GATEWAY_KEYS = security.gateway_keys("GATEWAY_KEYS", last=SECRET_KEY)

#: ``3/7``: how many messages a client may have in how many days; None where there is no limit.
SEND_CAP = parsed("SEND_CAP", Cap.parse)
#: After how many days messages of mailings that are over, and imports, are removed; 0: never.
RETENTION_DAYS = env.int("RETENTION_DAYS", default=0)
if RETENTION_DAYS < 0:
    raise ImproperlyConfigured("RETENTION_DAYS is a number of days, or 0 to keep everything.")
if SEND_CAP and 0 < RETENTION_DAYS < SEND_CAP.days:
    raise ImproperlyConfigured(
        f"RETENTION_DAYS must be at least the {SEND_CAP.days} days of SEND_CAP, which counts messages of so long ago."
    )

#: A mailing to more clients than that is started at the desk by typing their number; 0: every one.
CONFIRM_ABOVE = env.int("CONFIRM_ABOVE", default=1000)
if CONFIRM_ABOVE < 0:
    raise ImproperlyConfigured("CONFIRM_ABOVE is a number of clients, or 0 to ask at every mailing.")

# --- Consent ---------------------------------------------------------------------------------------------------------

#: What phones are hidden with in the suppression list and the ledger of consents, and opt-out links are signed with:
#: the first makes what is new, the others are still known. The last is the one where none is set.
SUPPRESSION_KEYS = [*filter(None, env.list("SUPPRESSION_KEY", default=[])), SECRET_KEY]
#: Replies that opt out, beside СТОП and STOP.
OPT_OUT_WORDS = [*ALWAYS, *env.list("OPT_OUT_WORDS", default=[])]
#: Where clients reach the web server, without a slash at the end: the opt-out links of texts begin with it.
PUBLIC_URL = env.str("PUBLIC_URL", default="").rstrip("/")
if PUBLIC_URL and not (PUBLIC_URL.startswith(("http://", "https://")) and urlsplit(PUBLIC_URL).hostname):
    raise ImproperlyConfigured("PUBLIC_URL must be an address such as https://soroka.example.org.")

# --- Time and language -----------------------------------------------------------------------------------------------

USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="Europe/Moscow")
#: Dates on which no send window opens.
HOLIDAYS = parsed("HOLIDAYS", parse_holidays)
#: The hours at which clients may be written to, unless their mailing says other ones; None: at every hour.
SEND_WINDOW = parsed("SEND_WINDOW", lambda hours: SendWindow.parse(hours, HOLIDAYS) if hours else None)
LANGUAGE_CODE = "ru"
FORMAT_MODULE_PATH = "soroka.config.formats"
LANGUAGES = [("ru", "Русский"), ("en", "English")]
# Before those of the apps: the admin's own words are Russian as well.
LOCALE_PATHS = [
    Path(__file__).resolve().parent.parent / "locale",
    Path(__file__).resolve().parent.parent / "api" / "descriptions",
]

# --- The daily report ------------------------------------------------------------------------------------------------

#: Who gets the report of the day before; nobody: there is none.
REPORT_TO = mail.recipients("REPORT_TO")
#: The hour of the service's zone from which on it is sent.
REPORT_HOUR = mail.hour("REPORT_HOUR", default=8)
REPORT_LANGUAGE = env.str("REPORT_LANGUAGE", default="") or LANGUAGE_CODE
if REPORT_LANGUAGE not in dict(LANGUAGES):
    raise ImproperlyConfigured("REPORT_LANGUAGE must be ru or en.")
globals().update(mail.server("EMAIL_URL"))
EMAIL_TIMEOUT = 10  # seconds; Django waits for ever otherwise
DEFAULT_FROM_EMAIL = mail.sender("DEFAULT_FROM_EMAIL")
for _name, _value in {"EMAIL_URL": env.str("EMAIL_URL", default=""), "DEFAULT_FROM_EMAIL": DEFAULT_FROM_EMAIL}.items():
    if REPORT_TO and not _value:
        raise ImproperlyConfigured(f"{_name} must be set where REPORT_TO is: the report is sent by it.")

# --- Pages and statics -----------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # no collectstatic step: files are served from where the packages keep them
LOGIN_URL = "/admin/login/"
LOGIN_REDIRECT_URL = "/"
#: Whether a proxy stands before the web server that says who calls, and how.
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
globals().update(security.cookies(behind_proxy=BEHIND_PROXY))
# Whatever looks at passwords has to ask for the code as well: no other backend here may know them.
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "soroka.access.proof.PasswordAndCode"]
globals().update(security.LOCKOUT)
#: Who must have a second factor: ``none``, ``admin`` or ``all``.
REQUIRE_TOTP = security.required_of("REQUIRE_TOTP", default="none")
OTP_TOTP_ISSUER = "Soroka"
X_FRAME_OPTIONS = "DENY"
UNFOLD = unfold.ADMIN

#: The first password of the user ``admin``; ``manage.py prepare`` generates one where it is empty.
ADMIN_PASSWORD = env.str("SOROKA_ADMIN_PASSWORD", default="")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

#: Who lets users in beside their passwords; nobody where it is empty, and nothing of it is installed.
OIDC_ISSUER = oidc.issuer("OIDC_ISSUER")
#: What the login page calls it.
OIDC_NAME = env.str("OIDC_NAME", default="") or urlsplit(OIDC_ISSUER).hostname or ""
#: Which of the provider's claims says what a user may do, and which role each of its values gives.
OIDC_ROLES_CLAIM = env.str("OIDC_ROLES_CLAIM", default="") or "groups"
OIDC_ROLES = parsed("OIDC_ROLES", parse_roles)
if OIDC_ISSUER:
    INSTALLED_APPS += oidc.APPS
    MIDDLEWARE += oidc.MIDDLEWARE
    globals().update(oidc.of_allauth(OIDC_ISSUER, OIDC_NAME))

#: Requests a minute: of a user or key, from an address, and from an address with a credential that is none.
THROTTLE_KEY = security.bound("THROTTLE_KEY", default=6_000)
THROTTLE_ADDRESS = security.bound("THROTTLE_ADDRESS", default=12_000)
THROTTLE_REFUSED = security.bound("THROTTLE_REFUSED", default=60)

#: Bytes that an upload may have.
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=256 * 1024 * 1024)
FILE_UPLOAD_HANDLERS = [
    "soroka.api.body.SizeLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- The API ---------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = api.SERVED
SIMPLE_JWT = security.TOKENS
SPECTACULAR_SETTINGS = api.DESCRIBED

# --- Metrics ---------------------------------------------------------------------------------------------------------

#: What a Prometheus says to be let in at /metrics; empty: nobody is. Asked anew each time.
READ_METRICS_TOKEN = partial(env.str, "METRICS_TOKEN", default="")

# --- Logs ------------------------------------------------------------------------------------------------------------

LOGGING = logs.configured(env.str("LOG_FORMAT", default="console"), env.str("LOG_LEVEL", default="INFO"))
#: Whether each message that was accepted gets a line: thousands a second, at a high rate.
LOG_MESSAGES = env.bool("LOG_MESSAGES", default=False)
#: Where errors are reported to; nowhere where it is empty.
sentry.start(env.str("SENTRY_DSN", default=""))
