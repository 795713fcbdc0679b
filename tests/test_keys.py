"""Control keys: derived, told apart by version and generation, found by an HMAC."""

import hmac
from uuid import uuid4

import pytest

from graph.control_key import normalised, spelled, value_of
from resolvers.keys import Keyring, mac


@pytest.mark.parametrize("length", [0, 1, 20, 63, 64, 65, 200])
def test_our_mac_is_hmac_sha256(length: int) -> None:
    for key in (b"k", b"k" * 32, b"k" * 64, b"k" * 65):
        assert mac(key, b"m" * length) == hmac.digest(key, b"m" * length, "sha256")


def test_a_key_depends_on_the_diploma_the_version_the_generation_and_the_secret() -> None:
    one, other = Keyring.of(b"a" * 32), Keyring.of(b"b" * 32)
    diploma = uuid4()
    keys = {
        one.control_key(diploma.bytes, 1, 1),
        one.control_key(diploma.bytes, 2, 1),
        one.control_key(diploma.bytes, 1, 2),
        one.control_key(uuid4().bytes, 1, 1),
        other.control_key(diploma.bytes, 1, 1),
    }
    assert len(keys) == 5
    assert all(normalised(key) == key for key in keys)


def test_the_look_up_of_a_key_is_that_of_the_symbols_a_person_types(keyring: Keyring) -> None:
    diploma = uuid4()
    assert keyring.lookup(diploma.bytes, 3, 2) == keyring.lookup_of(keyring.control_key(diploma.bytes, 3, 2))


def test_what_is_no_key_has_a_look_up_that_no_key_has(keyring: Keyring) -> None:
    assert keyring.lookup_of(None) not in {keyring.lookup_of(spelled(value)) for value in (0, 1, 2**40 - 1)}


def test_symbols_and_numbers_are_each_others_inverse() -> None:
    for value in (0, 1, 31, 32, 2**39 + 5, 2**40 - 1):
        assert value_of(spelled(value)) == value


def test_a_short_master_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Keyring.of(b"short")


def test_a_keyring_does_not_show_its_secrets(keyring: Keyring) -> None:
    assert str(keyring.derivation) not in repr(keyring)
    assert keyring.derivation.hex() not in repr(keyring)
