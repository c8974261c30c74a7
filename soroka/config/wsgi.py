import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from soroka.config import tracing
from soroka.config.security import require_own_key

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "soroka.config.settings")
require_own_key(settings.SECRET_KEY, debug=settings.DEBUG)
tracing.start()
application = get_wsgi_application()
