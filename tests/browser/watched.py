"""Pages whose every complaint is noted."""

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

#: Redoc's bundle would fetch it from its makers, and has no option against that; the page forbids it.
LOGO_OF_REDOC = "https://cdn.redoc.ly/redoc/logo-mini.svg"
LANGUAGES = {"ru": "ru-RU", "en": "en-US"}


class WatchedPages:
    """Pages of one browser that may only ask the service at ``address``."""

    def __init__(self, browser: Browser, address: str, password: str) -> None:
        self._browser, self._address, self._password = browser, address, password
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def come_in(
        self, language: str = "ru", width: int = 1360, height: int = 900, scheme: str = "light", zone: str | None = None
    ) -> Page:
        """A new page, logged in by the form of the admin. zone: of the browser; None: the machine's."""
        context = self._browser.new_context(
            base_url=self._address,
            locale=LANGUAGES[language],
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            timezone_id=zone,
        )
        self._contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        self._watch(page)
        page.goto("/admin/login/?next=/admin/")
        page.fill("#id_username", "admin")
        page.fill("#id_password", self._password)
        page.click("#login-form button[type=submit]")
        page.wait_for_url("**/admin/")
        return page

    def close(self) -> None:
        """Fails where any page complained."""
        for context in self._contexts:
            context.close()
        assert not self.complaints, "\n".join(self.complaints)

    def _watch(self, page: Page) -> None:
        note = self.complaints.append
        page.on("pageerror", lambda error: note(f"{page.url}: {error}"))
        page.on("console", lambda message: self._is_error(message) and note(f"{page.url}: {message.text}"))
        page.on("response", lambda answer: self._is_broken(answer) and note(f"{answer.status} {answer.url}"))
        page.on("requestfinished", lambda request: self._is_outside(request) and note(f"asked {request.url}"))
        page.on("requestfailed", lambda request: self._is_outside(request) and note(f"would ask {request.url}"))

    @staticmethod
    def _is_error(message: ConsoleMessage) -> bool:
        """What a page forbids itself is an error as well; a missing resource is noted by its answer."""
        told_otherwise = message.text.startswith("Failed to load resource") or LOGO_OF_REDOC in message.text
        return message.type == "error" and not told_otherwise

    @staticmethod
    def _is_broken(answer: Response) -> bool:
        """A page or a form may say that the user made a mistake; whatever a page loads must be there."""
        loaded = answer.request.method == "GET" and not answer.request.is_navigation_request()
        return answer.status >= (400 if loaded else 500)

    def _is_outside(self, request: Request) -> bool:
        return not request.url.startswith((self._address, "data:", "blob:")) and request.failure != "csp"
