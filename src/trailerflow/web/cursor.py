"""The id of the stream over all projects: the last event sent of each project, packed into one opaque string.

Called by `stream`, `ring` and `missed`. A cursor for each project stays right although transactions on different
projects commit out of order; a project that it does not name has been seen from nothing on.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from itertools import chain

_VERSION = b"\x01"
_LONGEST_NUMBER_BYTES = 6


class Cursor:
    """A cursor that moves on. Each project's part stays packed, for there is a new text with every event."""

    def __init__(self, sent: Mapping[int, int]) -> None:
        self._sent = {project_id: last for project_id, last in sent.items() if last}
        self._parts: dict[int, tuple[bytes, bytes]] = {}
        self._pack_all()

    def put(self, project_id: int, last: int) -> None:
        """Note the last event sent of a project; 0 takes the project out."""
        if not last:
            self._sent.pop(project_id, None)
            self._pack_all()
            return
        self._sent[project_id] = last
        if project_id in self._parts:
            self._parts[project_id] = (self._parts[project_id][0], _packed(last))
        else:
            self._pack_all()

    def text(self) -> str:
        """Return it as text: pairs of project (as the step from the one before) and last id, as varints."""
        packed = b"".join([_VERSION, *chain.from_iterable(self._parts.values())])
        return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()

    def _pack_all(self) -> None:
        before = 0
        self._parts = {}
        for project_id in sorted(self._sent):
            self._parts[project_id] = (_packed(project_id - before), _packed(self._sent[project_id]))
            before = project_id


def unpack(text: str) -> dict[int, int] | None:
    """Return what a cursor's text says; None for anything else."""
    try:
        packed = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        numbers = list(_numbers(packed[1:]))
    except (ValueError, binascii.Error):
        return None
    if packed[:1] != _VERSION or len(numbers) % 2:
        return None
    sent, project_id = {}, 0
    for step, last in zip(numbers[::2], numbers[1::2], strict=True):
        project_id += step
        if not step or not last:
            return None
        sent[project_id] = last
    return sent


def _packed(number: int) -> bytes:
    packed = bytearray()
    while number > 0x7F:
        packed.append(number & 0x7F | 0x80)
        number >>= 7
    packed.append(number)
    return bytes(packed)


def _numbers(packed: bytes) -> Iterator[int]:
    number = length = 0
    for byte in packed:
        number |= (byte & 0x7F) << (7 * length)
        length += 1
        if length > _LONGEST_NUMBER_BYTES:
            raise ValueError("no such number was ever packed")
        if not byte & 0x80:
            yield number
            number = length = 0
    if length:
        raise ValueError("the last number is cut off")
