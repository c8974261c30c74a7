"""The order in which the stack starts, and what it is told about itself."""

import asyncio
import os
import time
from collections.abc import Callable

import jwt

from soroka.embedded.credentials import load_credentials
from soroka.embedded.environment import keep_environment
from soroka.embedded.errors import StackError
from soroka.embedded.layout import Layout, is_given
from soroka.embedded.ports import HOST, free_port
from soroka.embedded.postgres import Postgres, embedded_postgres
from soroka.embedded.services import Services, data_store
from soroka.embedded.story import Story
from soroka.embedded.supervisor import Supervisor
from soroka.embedded.valkey import Valkey, embedded_valkey

#: Seconds in which everything must be ready; PostgreSQL may have to recover from a crash.
READY_WITHIN = 60.0
ADDRESSES = """everything runs

  API       http://localhost:{port}/
  Admin     http://localhost:{port}/admin/
  Swagger   http://localhost:{port}/swagger
  Flower    http://localhost:{flower_port}/

  login     admin  {admin_password}
  Flower's  admin  {flower_password}

  Ctrl-C stops everything; the data stays in {home}
"""


class Stack:
    """One run of the stack. say: shows one line to the person at the terminal."""

    def __init__(self, layout: Layout, story: Story, say: Callable[[str], None], supervisor: Supervisor) -> None:
        self.say = say
        self._layout = layout
        self._story = story
        self._supervisor = supervisor
        self._credentials = load_credentials(layout.home)

    async def serve(self) -> int:
        """Start everything, do the story, and go on until cancelled. Returns the story's exit code if that ends it.

        Raises StackError. Whatever happens, what was started still runs then: it is the supervisor's to stop.
        """
        began = time.monotonic()
        env = await self._start_stores() | self._secrets()
        gateway_port = 0 if is_given("GATEWAY_URL") else free_port()
        told = env | self._gateway_env(gateway_port)
        keep_environment(self._layout.home, told)
        services = Services(self._layout, told)
        await self._start_rest(services, gateway_port)
        self.say(f"ready in {time.monotonic() - began:.1f} s")
        return await self._supervisor.keep_running(self._tell(services))

    async def _start_stores(self) -> dict[str, str]:
        """The addresses of the data stores that the environment does not name."""
        home = self._layout.home
        stores: dict[str, Postgres | Valkey] = {}
        if not is_given("DATABASE_URL"):
            stores["DATABASE_URL"] = postgres = embedded_postgres(home)
            if home not in postgres.folder.parents:
                self.say(f"PostgreSQL's user cannot enter {home}; its data is in {postgres.folder}")
        if not is_given("REDIS_URL"):
            stores["REDIS_URL"] = embedded_valkey(home)
        await self._supervisor.launch(*map(data_store, stores.values()))
        await self._supervisor.ready(READY_WITHIN)
        return {variable: store.url for variable, store in stores.items()}

    async def _start_rest(self, services: Services, gateway_port: int) -> None:
        """Python takes a second to start: everything that can start at the same time does."""
        aside = [services.flower(self._flower_login)]
        if gateway_port:
            aside.append(services.simulator(gateway_port, self._story.gateway, self._credentials.gateway_secret))
        await self._supervisor.launch(*aside)
        prepare = services.python(
            "prepare", "soroka", "manage", "prepare", SOROKA_ADMIN_PASSWORD=self._admin_password
        )  # fmt: skip
        if await self._supervisor.run(prepare) != 0:
            raise self._supervisor.fault(prepare, "could not prepare the database")
        await self._supervisor.launch(services.web(), services.worker(), services.beat())
        await self._supervisor.ready(READY_WITHIN)

    async def _tell(self, services: Services) -> int:
        if self._story.module:
            address = f"http://{HOST}:{self._layout.port}"
            story = services.python(
                "story", self._story.module, SOROKA_URL=address, SOROKA_ADMIN_PASSWORD=self._admin_password
            )  # fmt: skip
            code = await self._supervisor.run(story, on_terminal=True)
            if not self._story.stays:
                return code
        self._show_addresses()
        until_cancelled: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        return await until_cancelled

    def _show_addresses(self) -> None:
        self.say(
            ADDRESSES.format(
                port=self._layout.port,
                flower_port=self._layout.flower_port,
                home=self._layout.home,
                admin_password=self._admin_password,
                flower_password=self._flower_login.partition(":")[2],
            )
        )

    @property
    def _admin_password(self) -> str:
        return os.environ.get("SOROKA_ADMIN_PASSWORD") or self._credentials.admin_password

    @property
    def _flower_login(self) -> str:
        return os.environ.get("FLOWER_BASIC_AUTH") or f"admin:{self._credentials.flower_password}"

    def _secrets(self) -> dict[str, str]:
        ours = {"SECRET_KEY": self._credentials.secret_key, "GATEWAY_KEYS": self._credentials.gateway_key}
        return {name: secret for name, secret in ours.items() if not is_given(name)}

    def _gateway_env(self, port: int) -> dict[str, str]:
        """What the service needs in order to call the simulated gateway; nothing where there is a real one.

        Raises StackError where the real one's token is not even said to be empty.
        """
        if not port:
            if os.environ.keys().isdisjoint({"GATEWAY_TOKEN", "GATEWAY_TOKEN_FILE"}):
                raise StackError("GATEWAY_URL is set and GATEWAY_TOKEN is not; give its token, or leave it empty")
            return {}
        token = jwt.encode({"sub": "soroka", "iat": int(time.time())}, self._credentials.gateway_secret, "HS256")
        return {"GATEWAY_URL": f"http://{HOST}:{port}", "GATEWAY_TOKEN": token}
