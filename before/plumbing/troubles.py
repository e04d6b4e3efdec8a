"""The failures of sending a request, and their names in an attempt."""

import errno
import os
import socket
import ssl

# The other side cannot cause these.
OURS = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.EADDRNOTAVAIL}


class AddressRefused(Exception):
    """The name, or one of its addresses, is not allowed."""


class TooLarge(Exception):
    """The answer is larger than the limit."""


class OurTrouble(Exception):
    """This process has run out of a resource: the client has done nothing wrong."""


class BadAnswer(Exception):
    """The answer is not HTTP/1.1, or it ends too early."""


def error_name(exception: BaseException) -> str:
    """The attempt's error for what ended it."""
    if isinstance(exception, AddressRefused):
        return "address_refused"
    if isinstance(exception, TooLarge):
        return "too_large"
    if is_ours(exception):
        return "interrupted"
    if isinstance(exception, TimeoutError):
        return "timeout"
    if isinstance(exception, (ssl.SSLError, ssl.CertificateError)):
        return "tls"
    return "connect"


def is_ours(exception: BaseException) -> bool:
    """Whether this process or machine ran out of a resource."""
    if isinstance(exception, socket.gaierror):
        # A resolver without a descriptor for its files and sockets says that there is no such name.
        return exception.errno == socket.EAI_MEMORY or not _descriptors_are_left()
    if isinstance(exception, OSError):
        return exception.errno in OURS and not isinstance(exception, ssl.SSLError)
    return isinstance(exception, (OurTrouble, MemoryError))


def _descriptors_are_left() -> bool:
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        return False
    return True
