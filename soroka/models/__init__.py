"""The tables, one file a subject. Every index names its reader."""

from soroka.models.api_key import ApiKey
from soroka.models.batch import Batch
from soroka.models.change import Change
from soroka.models.client import Client
from soroka.models.client_import import ClientImport, ImportChunk, ImportRow, ImportState
from soroka.models.consent import Consent, ConsentSeal, ConsentText, Suppression
from soroka.models.draft import Draft
from soroka.models.gateway import Gateway
from soroka.models.idempotency import IdempotencyKey
from soroka.models.mailing import Mailing
from soroka.models.message import Attempt, Message, MessageText
from soroka.models.meter import Meter
from soroka.models.own_number import OwnNumber
from soroka.models.report_mail import ReportMail
from soroka.models.restoration import Restoration
from soroka.models.segment import Segment
from soroka.models.settled import Settled
from soroka.models.tag import Tag, TagCount
from soroka.models.totp import Totp
from soroka.models.turn import Turn
from soroka.models.zone import Zone

__all__ = [
    "ApiKey",
    "Attempt",
    "Batch",
    "Change",
    "Client",
    "ClientImport",
    "Consent",
    "ConsentSeal",
    "ConsentText",
    "Draft",
    "Gateway",
    "IdempotencyKey",
    "ImportChunk",
    "ImportRow",
    "ImportState",
    "Mailing",
    "Message",
    "MessageText",
    "Meter",
    "OwnNumber",
    "ReportMail",
    "Restoration",
    "Segment",
    "Settled",
    "Suppression",
    "Tag",
    "TagCount",
    "Totp",
    "Turn",
    "Zone",
]
