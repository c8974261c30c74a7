"""What each message says: a template says something else to every client."""

from collections.abc import Collection, Mapping
from typing import Any

from soroka.api.shapes import tag_names
from soroka.domain.template import BadTemplate, is_template, render
from soroka.models import Client, Message, MessageText
from soroka.models.link import link_values


def own_texts(messages: Collection[Message]) -> dict[int, str | None]:
    """The texts of messages that have one of their own, by message id: as it was offered, or as it would be now.

    None: it cannot be rendered.  A message that is not in it says what its mailing says.
    """
    own = [message for message in messages if is_template(message.mailing.text)]
    if not own:
        return {}
    texts: dict[int, str | None] = {}
    texts |= MessageText.objects.filter(pk__in=[message.pk for message in own]).values_list("pk", "text")
    unwritten = [message for message in own if message.pk not in texts]
    return texts | _rendered(unwritten)


def _rendered(messages: Collection[Message]) -> dict[int, str | None]:
    clients = Client.objects.in_bulk({message.client_id for message in messages})
    names = tag_names(tag_id for client in clients.values() for tag_id in client.tag_ids)
    return {
        message.pk: _text(message.mailing.text, message, clients.get(message.client_id), names) for message in messages
    }


def _text(template: str, message: Message, client: Client | None, names: Mapping[int, str]) -> str | None:
    if client is None:
        return None
    tags = sorted(names[tag_id] for tag_id in client.tag_ids if tag_id in names)
    values: dict[str, Any] = {**client.attributes, "phone": str(message.phone), "tags": tags}
    try:
        return render(template, values | link_values(template, client.pk))
    except BadTemplate:
        return None
