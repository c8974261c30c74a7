import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from soroka.access.own_key import require_own_key
from soroka.config import tracing
from soroka.config.security import require_long_token

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "soroka.config.settings")
require_own_key(settings.SECRET_KEY, debug=settings.DEBUG)
require_long_token(settings.READ_METRICS_TOKEN())
tracing.start()
application = get_wsgi_application()
