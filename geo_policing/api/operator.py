"""What pages say of whoever runs the service, and where residents tell them what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from geo_policing.config import Settings


@dataclass(frozen=True)
class Operator:
    """The operator's own words for the pages, each "" (0 for days) where they have not said.

    `contact` is an email address or a web address; `public_url` is scheme and host without a slash at the end.
    """

    name: str
    contact: str
    public_url: str
    log_days: int

    @classmethod
    def of(cls, settings: Settings) -> Operator:
        """The operator as the settings have it."""
        return cls(settings.operator, settings.contact, settings.public_url, settings.log_days)

    @property
    def has_email(self) -> bool:
        """True where `contact` is an email address."""
        return bool(self.contact) and "://" not in self.contact

    @property
    def contact_shown(self) -> str:
        """`contact` as people write it: a web address without its scheme."""
        return self.contact.partition("://")[2].rstrip("/") or self.contact

    def report_link(self, subject: str) -> str:
        """Where a report goes: a mail with `subject`, or the operator's own page; "" where there is no contact."""
        return f"mailto:{quote(self.contact, safe='@')}?subject={quote(subject)}" if self.has_email else self.contact

    def whole(self, path: str) -> str:
        """`path` with the public address before it; `path` itself where that is not known."""
        return self.public_url + path
