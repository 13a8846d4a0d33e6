"""Small things by name: kept, found by how their names begin, forgotten; each person's for themselves."""

from __future__ import annotations

from calwatch.store import Store


def test_what_begins_alike_is_found_together_with_its_whole_name(store: Store) -> None:
    for name in ("page:once:a", "page:once:b", "page:session:a", "page:once", "pages:once:a"):
        store.meta.set(name, {"name": name})
    assert store.meta.beginning("page:once:") == {name: {"name": name} for name in ("page:once:a", "page:once:b")}
    assert store.meta.beginning("page:nothing:") == {}


def test_a_prefix_is_text_and_no_pattern(store: Store) -> None:
    store.meta.set("page:once:a", 1)
    assert store.meta.beginning("page:%") == store.meta.beginning("page_once") == store.meta.beginning("PAGE:") == {}


def test_the_last_of_names_is_found_as_well(store: Store) -> None:
    store.meta.set("page:\U0010fffe", 1)
    assert list(store.meta.beginning("page:")) == ["page:\U0010fffe"]


def test_nobody_finds_or_forgets_what_is_somebody_elses(store: Store, other: Store) -> None:
    store.meta.set("page:once:a", 1)
    assert other.meta.beginning("page:") == {}
    other.meta.delete("page:once:a")
    assert store.meta.beginning("page:") == {"page:once:a": 1}
    store.meta.delete("page:once:a")
    assert store.meta.beginning("page:") == {}
