"""Exchange's names of appointments made into the UID that the invitation's own file carries."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calwatch.providers.outlook.calendar.uid import plain_uid, uid_of_property

# MS-ASEMAIL 4.3, both examples.
OF_AN_OCCURRENCE = "BAAAAIIA4AB0xbcQGoLgCAfUCRDgQMnBJoXEAQAAAAAAAAAAEAAAAAvw7UtuTulOnjnjhns3jvM="
OF_EXCHANGE = (
    "040000008200E00074C5B7101A82E00800000000E040C9C12685C4010000000000000000100000000BF0ED4B6E4EE94E9E39E3867B378EF3"
)
WRAPPED = (
    "BAAAAIIA4AB0xbcQGoLgCAAAAAAAAAAAAAAAAAAAAAAAAAAAMwAAAHZDYWwtVWlkAQAAAHs4MTQxMkQzQy0yQTI0LTRFOUQtQjIwRS0x"
    "MUY3QkJFOTI3OTl9AA=="
)
FOREIGN = "{81412D3C-2A24-4E9D-B20E-11F7BBE92799}"


def test_the_date_of_an_occurrence_is_taken_out() -> None:
    assert uid_of_property(OF_AN_OCCURRENCE) == OF_EXCHANGE
    assert plain_uid(base64.b64decode(OF_AN_OCCURRENCE).hex()) == OF_EXCHANGE


def test_a_foreign_uid_is_unwrapped() -> None:
    assert uid_of_property(WRAPPED) == FOREIGN
    assert plain_uid(base64.b64decode(WRAPPED).hex()) == FOREIGN


@pytest.mark.parametrize("uid", ["", "4s0r7rm5pq3@google.com", "040000008200E00074C5B7101A82E008", "0A" * 60])
def test_any_other_uid_is_the_same_everywhere(uid: str) -> None:
    assert plain_uid(f" {uid} ") == uid


@pytest.mark.parametrize("value", ["", "AAAA", "no base64!", "ü", base64.b64encode(b"\4\0\0\0").decode()])
def test_a_property_that_is_no_global_object_id_names_nothing(value: str) -> None:
    assert uid_of_property(value) == ""


@given(st.binary(max_size=200))
def test_any_bytes_behind_exchanges_mark_give_a_uid_fit_to_print(data: bytes) -> None:
    uid = plain_uid("040000008200E00074C5B7101A82E008" + data.hex())
    assert uid.isprintable()
    assert plain_uid(uid) == uid or uid.startswith("04")
