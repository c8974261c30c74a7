"""``DELETE /clients/{id}?erase=true``: nothing of a person is left but the counts."""

import logging

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from soroka.api.fields import Flag
from soroka.api.parameters import Query
from soroka.consent.ledger import forget_texts, lock_ledger
from soroka.imports.erase import erase_rows, imports_over, require_no_other
from soroka.models import Client, OwnNumber
from soroka.models.change import Deed
from soroka.models.trail import forget_client, note
from soroka.queue.erase import erase_messages, phones_in_messages

log = logging.getLogger(__name__)


class ErasureQuery(Query):
    """How much is to go."""

    erase = Flag(default=False, help_text="Nothing that tells who he was is left, in the ledger neither.")


def erase(client_id: int) -> bool:
    """Delete a client and erase what is known of him everywhere; False where nothing was known.

    One who was deleted before is erased from the ledger. Raises ImportUnderWay; he is there then, and what files said
    of him may be erased already: it is to be called again.
    """
    imports = imports_over()
    phones = phones_in_messages(client_id) | set(Client.objects.filter(pk=client_id).values_list("phone", flat=True))
    searched = _without_others(client_id, phones)
    erase_rows(searched)
    return _erase_the_rest(client_id, imports, searched)


@transaction.atomic
def _erase_the_rest(client_id: int, imports: set[int], searched: set[int]) -> bool:
    """Erase him from all but the imports, which were searched for these numbers: others wait for what this locks."""
    phones = erase_messages(client_id)
    require_no_other(imports)
    client = Client.objects.filter(pk=client_id).first()
    if client is not None:
        phones.add(client.phone)
        client.delete()
    his = _without_others(client_id, phones)
    erase_rows(his - searched)  # none, unless a number was changed in these seconds
    OwnNumber.objects.filter(phone__in=his).delete()
    named = _erase_log_entries(client_id) + forget_client(client_id)
    lock_ledger()
    said = forget_texts(client_id, his)
    if not (phones or named or said):
        return False
    note(Deed.ERASED, Client(pk=client_id))
    log.info("client %s was erased", client_id)
    return True


def _without_others(client_id: int, phones: set[int]) -> set[int]:
    """Without numbers that another has by now: what imports and consents say of one is about that one."""
    others = Client.objects.filter(phone__in=phones).exclude(pk=client_id)
    return phones - set(others.values_list("phone", flat=True))


def _erase_log_entries(client_id: int) -> int:
    """The desk's own log names a client by his number; returns how often it did."""
    entries = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(Client), object_id=str(client_id))
    nameless = f"№ {client_id}"
    return entries.exclude(object_repr=nameless).update(object_repr=nameless)
