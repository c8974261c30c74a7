"""The text of a mailing: plain, or a Liquid template over what is known of a client."""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache, wraps
from typing import Any

from liquid import BoundTemplate, Environment, Mode, Node, RenderContext
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.exceptions import LiquidError, LiquidSyntaxError, OutputStreamLimitError, TemplateNotFoundError
from liquid.expression import Expression
from liquid.loader import BaseLoader, TemplateSource

#: Characters of a rendered message; a longer one is invalid.
LONGEST = 2000
#: What a filter may hand on: characters or items, and the size of a number.
_LARGEST_VALUE = 4 * LONGEST
_LARGEST_NUMBER = 10**30
#: Tags that read files or make templates of their own, which a text has no business with.
_NOT_FOR_TEXTS = ("include", "render")


#: Control characters but for tab and line ends, and halves of surrogate pairs: neither stored nor sent.
_UNSENDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class BadTemplate(ValueError):
    """The text does not parse or does not render; the message says where and why."""


class _NoTemplates(BaseLoader):
    """There is nothing to include."""

    def get_source(self, env: Environment, template_name: str, **_: Any) -> TemplateSource:
        raise TemplateNotFoundError(template_name)


class _Limited(Environment):
    """Liquid with bounds: a text neither loops for ever nor fills the memory."""

    loop_iteration_limit = 1_000
    output_stream_limit = 4 * LONGEST  # bytes
    local_namespace_limit = 10_000
    context_depth_limit = 10
    block_nesting_limit = 10


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = _Limited(tolerance=Mode.STRICT, strict_filters=True, loader=_NoTemplates())
    for tag in _NOT_FOR_TEXTS:
        environment.tags.pop(tag, None)
    environment.filters = {name: _bounded(filter_) for name, filter_ in environment.filters.items()}
    return environment


def _bounded(filter_: Callable[..., Any]) -> Callable[..., Any]:
    """The filter, refusing to hand on what is too large: a chain of them could grow it without end."""

    @wraps(filter_)
    def bounded(*args: Any, **kwargs: Any) -> Any:
        result = filter_(*args, **kwargs)
        if _too_large(result):
            raise OutputStreamLimitError("a filter's result is too large", token=None)
        return result

    return bounded


def _too_large(value: Any) -> bool:
    match value:
        case str() | list() | tuple():
            return len(value) > _LARGEST_VALUE
        case int() | float() | Decimal():
            return not -_LARGEST_NUMBER <= value <= _LARGEST_NUMBER
        case _:
            return False


def is_sendable(text: str) -> bool:
    """Whether a gateway can be handed it: a rendered text without control characters."""
    return not _UNSENDABLE.search(text)


def is_template(text: str) -> bool:
    """Whether a text has anything to be filled in; else it is the same for everybody."""
    return "{{" in text or "{%" in text


def check(text: str) -> None:
    """Raises BadTemplate where the text does not parse, or cannot be rendered for a client of whom nothing is known."""
    if is_template(text):
        render(text, {})


def render(text: str, values: Mapping[str, Any]) -> str:
    """The text for one client. values: attributes, ``phone``, ``tags`` and the like by name; what is missing is empty.

    Raises BadTemplate: also where the text is empty then, or longer than ``LONGEST``.
    """
    try:
        rendered = str(_parsed(text).render(values))
    except LiquidError as error:
        raise BadTemplate(_words(error)) from None
    except (ArithmeticError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        # What filters let through of odd values, such as a date in the year 300000.
        raise BadTemplate(f"It cannot be rendered ({type(error).__name__}).") from None
    if not is_sendable(rendered):
        raise BadTemplate("The rendered text contains control characters.")
    if len(rendered) > LONGEST:
        raise BadTemplate(f"The rendered text is longer than {LONGEST} characters.")
    if values and not rendered.strip():
        raise BadTemplate("The rendered text is empty.")
    return rendered


@lru_cache(maxsize=256)
def asks_for(text: str, name: str) -> bool:
    """Whether a text has a value of this name filled in. Raises BadTemplate where it does not parse."""
    if not is_template(text):
        return False
    try:
        return name in _parsed(text).global_variables()
    except LiquidError as error:
        raise BadTemplate(_words(error)) from None


@lru_cache(maxsize=256)
def _parsed(text: str) -> BoundTemplate:
    template = _environment().from_string(text)
    if any(isinstance(expression, RangeLiteral) for expression in _expressions(template)):
        # Reversing or joining (1..1000000000) would fill the memory before any limit is looked at.
        raise LiquidSyntaxError("ranges such as (1..5) are not supported", token=None)
    return template


def _expressions(template: BoundTemplate) -> Iterator[Expression]:
    context = RenderContext(template)
    nodes: list[Node] = list(template.nodes)
    while nodes:
        node = nodes.pop()
        nodes.extend(node.children(context))
        expressions = list(node.expressions())
        while expressions:
            expression = expressions.pop()
            expressions.extend(expression.children())
            yield expression


def _words(error: LiquidError) -> str:
    """The first line of what the engine says: the others are a drawing of the place."""
    return str(error).splitlines()[0][:200]
