"""The tables, one file a subject. Every index names its reader."""

from soroka.models.api_key import ApiKey
from soroka.models.batch import Batch
from soroka.models.client import Client
from soroka.models.client_import import ClientImport, ImportRow, ImportState
from soroka.models.gateway import Gateway
from soroka.models.idempotency import IdempotencyKey
from soroka.models.mailing import Mailing
from soroka.models.message import Attempt, Message, MessageText
from soroka.models.segment import Segment
from soroka.models.tag import Tag
from soroka.models.turn import Turn
from soroka.models.zone import Zone

__all__ = [
    "ApiKey",
    "Attempt",
    "Batch",
    "Client",
    "ClientImport",
    "Gateway",
    "IdempotencyKey",
    "ImportRow",
    "ImportState",
    "Mailing",
    "Message",
    "MessageText",
    "Segment",
    "Tag",
    "Turn",
    "Zone",
]
