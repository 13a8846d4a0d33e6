"""Who the user is: the addresses, the name and the present employer every other part compares people with."""

from __future__ import annotations

from dataclasses import dataclass

from calwatch.model.addresses import domain_of, is_freemail, organisation_of, without_tag


@dataclass(frozen=True, slots=True)
class Me:
    """The user. ``emails`` are all their lower-case addresses, ``employer`` the present employer's domains."""

    emails: frozenset[str] = frozenset()
    name: str = ""
    employer: frozenset[str] = frozenset()

    def owns(self, address: str) -> bool:
        """Whether ``address`` is one of mine; case and a ``+tag`` before the @ make no difference."""
        plain = address.strip().lower()
        if plain in self.emails:
            return True
        bare = without_tag(plain)
        return any(bare == without_tag(mine) for mine in self.emails)

    def works_with(self, address: str) -> bool:
        """Whether ``address`` lies in my own house: at my employer, or at a domain of mine that is no mail service."""
        domain = domain_of(address)
        if not domain:
            return False
        house = organisation_of(domain)
        if any(house == organisation_of(employer) for employer in self.employer):
            return True
        mine = (domain_of(email) for email in self.emails)
        return any(house == organisation_of(own) and not is_freemail(own) for own in mine)

    @property
    def first_name(self) -> str:
        """The first word of my name, lower-case; empty when no name is known."""
        words = self.name.split()
        return words[0].lower() if words else ""
