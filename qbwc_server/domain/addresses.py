"""Which addresses of the Internet Protocol are anybody's: the server must not be sent into its own network."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

_OF_CLOUDS = frozenset({ip_address("168.63.129.16")})
"""Public by their number, and answered by the host of a virtual machine all the same."""

_NAT64 = IPv6Network("64:ff9b::/96")
_V4_COMPATIBLE = IPv6Network("::/96")


def is_public(address: Address) -> bool:
    """Whether an address lies in the public internet: not in a private network, this machine, its link or its cloud.

    An IPv6 address that stands for an IPv4 one is judged as that one.
    """
    inner = _inner(address)
    if inner is not None:
        return is_public(inner)
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not (isinstance(address, IPv6Address) and address.is_site_local)
        and address not in _OF_CLOUDS
    )


def _inner(address: Address) -> IPv4Address | None:
    """The IPv4 address within an IPv6 address that is carried on to it."""
    if isinstance(address, IPv4Address):
        return None
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64 or address in _V4_COMPATIBLE:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
