import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensorium_text.domain import PersonalDataType
from services.text.redaction.finding import found, of_type

EMAIL, IP, URL = PersonalDataType.EMAIL_ADDRESS, PersonalDataType.IP_ADDRESS, PersonalDataType.URL


@pytest.mark.parametrize(
    "address",
    [
        "jane.doe@example.com",
        "JANE.DOE@EXAMPLE.COM",
        "o'brien+night@mail.co.uk",
        "a@b.io",
        "x_1%2@sub-1.example.museum",
        "jürgen@müller.de",
        "zhang.wei@工厂.cn",
    ],
)
@pytest.mark.parametrize("sentence", ["Mail {}.", "<{}>", "'{}'", "邮箱{}请回复", "email={};", "（{}）", "{},"])
def test_emails_are_found(sentence: str, address: str) -> None:
    assert of_type(EMAIL, sentence.format(address)) == [address]


@pytest.mark.parametrize("text", ["user@host", "@example.com", "4 bolts @ 12.5 Nm", "pump@3.5bar", "a.@example.com"])
def test_an_at_alone_is_no_email(text: str) -> None:
    assert of_type(EMAIL, text) == []


@pytest.mark.parametrize(
    "sentence", ["PLC at {}.", "{}:502", "{}/24", "地址{}，", "ping {} failed", "({})", "http://{}/x"]
)
@pytest.mark.parametrize("address", ["192.168.0.10", "10.0.0.1", "8.8.8.8", "203.0.113.255", "192.168.001.010"])
def test_ipv4_addresses_are_found(sentence: str, address: str) -> None:
    assert of_type(IP, sentence.format(address)) == [address]


@pytest.mark.parametrize(
    "text",
    [
        "256.1.1.1",
        "1.2.3",
        "1.2.3.4.5",
        "v1.2.3.4",
        "firmware 2.14.0.3",
        "Version: 1.0.0.12",
        "固件版本 3.2.1.0",
        "section 4.2.1.3",
        "OID 1.3.6.1.4.1",
        "upgraded from 1.2.3.4 to 1.2.3.5",
        "rev. 4.1.0.2",
        "SW=5.0.1.9",
    ],
)
def test_versions_chapters_and_longer_numbers_are_no_ip_addresses(text: str) -> None:
    assert of_type(IP, text) == []


def test_a_version_beside_an_address_hides_neither() -> None:
    text = "Firmware 2.14.0.3 to 2.14.0.5 loaded into the PLC 10.1.2.3; version 1.0.0.1 stays on 192.168.7.7"
    assert of_type(IP, text) == ["10.1.2.3", "192.168.7.7"]


@settings(deadline=None)
@given(st.ip_addresses(v=6))
def test_every_ipv6_address_is_found(address: ipaddress.IPv6Address) -> None:
    if address.compressed.strip(":"):  # not `::` alone
        assert of_type(IP, f"from {address.exploded}, now") == [address.exploded]
    assert of_type(IP, f"IPv6:{address.exploded}/64") == [address.exploded]


@pytest.mark.parametrize("address", ["2001:db8::1", "fe80::1", "::1", "::ffff:192.168.1.1", "2001:DB8::8A2E:370:7334"])
@pytest.mark.parametrize("sentence", ["at {}.", "[{}]:502", "地址{}，", "{}", "addr:{}", "{}%eth0"])
def test_short_forms_of_ipv6_are_found(sentence: str, address: str) -> None:
    assert of_type(IP, sentence.format(address)) == [address]


@pytest.mark.parametrize(
    "text",
    ["12:30:45", "00:1A:2B:3C:4D:5E", "00:11:22:33:44:55:66:77", "std::vector", "a::b", "::", "1:2:3:4:5:6:7:8:9"],
)
def test_times_hardware_addresses_and_names_in_code_are_no_ipv6(text: str) -> None:
    assert of_type(IP, text) == []


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://example.com/a?b=(c).", "https://example.com/a?b=(c)"),
        ("(http://x.de/y)", "http://x.de/y"),
        ("WWW.EXAMPLE.COM, now", "WWW.EXAMPLE.COM"),
        ("见https://example.com/手册", "https://example.com/"),
        ("ftp://files.example.com/a_b/", "ftp://files.example.com/a_b/"),
    ],
)
def test_web_addresses_end_before_the_sentence_does(text: str, address: str) -> None:
    assert of_type(URL, text) == [address]


def test_what_a_web_address_contains_is_found_where_web_addresses_are_not_asked_for() -> None:
    text = "http://10.0.0.1/?to=jane@example.com"
    assert found(text) == [("URL", text)]
    assert found(text, {IP, EMAIL}) == [("IP_ADDRESS", "10.0.0.1"), ("EMAIL_ADDRESS", "jane@example.com")]
