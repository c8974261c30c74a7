from ipaddress import ip_network

import pytest

from soroka.domain.reach import is_allowed, parse_networks

#: Whatever leads into a machine, a private network or a cloud's own services, in every writing of IPv6 for it.
INSIDE = [
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",
    "169.254.169.254", "192.0.0.192", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "::1", "::", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "fc00::1", "fec0::1", "ff02::1",
    "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1",
    "2002:a00:1::1", "2001:0:a00:1::1", "2001:db8::1",
]  # fmt: skip
OUTSIDE = ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]


@pytest.mark.parametrize("address", INSIDE)
def test_what_is_inside_is_not_called(address):
    assert not is_allowed(address, [])


@pytest.mark.parametrize("address", OUTSIDE)
def test_the_internet_is(address):
    assert is_allowed(address, [])


def test_a_named_network_is_and_no_other():
    networks = parse_networks("10.1.0.0/16, 127.0.0.1,fd00::/8")
    assert networks == (ip_network("10.1.0.0/16"), ip_network("127.0.0.1/32"), ip_network("fd00::/8"))
    for address in ("10.1.2.3", "127.0.0.1", "fd00:ec2::254", "::ffff:10.1.2.3", "64:ff9b::a01:203"):
        assert is_allowed(address, networks), address
    for address in ("10.2.0.1", "127.0.0.2", "::1", "169.254.169.254"):
        assert not is_allowed(address, networks), address


@pytest.mark.parametrize("written", ["10.1.0.1/16", "private", "10.0.0.0/33", "http://10.0.0.1"])
def test_what_is_no_network_is_refused(written):
    with pytest.raises(ValueError, match="Networks are written like"):
        parse_networks(written)


def test_what_is_no_address_is_not_called():
    assert not is_allowed("gateway.example", parse_networks("0.0.0.0/0"))
