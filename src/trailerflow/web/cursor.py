"""The id of the stream over all projects: the last event sent of each project, packed into one opaque string.

Called by `stream`. A cursor for each project stays right although transactions on different projects commit out of
order; a project that it does not name has been seen from nothing on.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping

_VERSION = 1
_LONGEST_NUMBER_BYTES = 6


def pack(sent: Mapping[int, int]) -> str:
    """Return the cursor as text: pairs of project (as the step from the one before) and last id, as varints."""
    packed = bytearray([_VERSION])
    before = 0
    for project_id in sorted(sent):
        if sent[project_id]:
            _put(packed, project_id - before)
            _put(packed, sent[project_id])
            before = project_id
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def unpack(text: str) -> dict[int, int] | None:
    """Return what was packed; None for anything else."""
    try:
        packed = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        numbers = list(_numbers(packed[1:]))
    except (ValueError, binascii.Error):
        return None
    if packed[:1] != bytes([_VERSION]) or len(numbers) % 2:
        return None
    sent, project_id = {}, 0
    for step, last in zip(numbers[::2], numbers[1::2], strict=True):
        project_id += step
        if not step or not last:
            return None
        sent[project_id] = last
    return sent


def _put(packed: bytearray, number: int) -> None:
    while number > 0x7F:
        packed.append(number & 0x7F | 0x80)
        number >>= 7
    packed.append(number)


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
