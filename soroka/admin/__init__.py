"""The plain admin: everything can be seen; what planning and the queue own can only be seen."""

from soroka.admin import clients, gateways, mailings, messages

__all__ = ["clients", "gateways", "mailings", "messages"]
