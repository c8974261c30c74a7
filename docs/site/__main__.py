"""Write what the code knows into docs/reference: `make reference`."""

import django

django.setup()

from docs.site.pages import PAGES, REFERENCE  # noqa: E402 - what they show is there only now

for name, page in PAGES.items():
    (REFERENCE / name).write_text(page())
