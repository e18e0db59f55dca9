#!/usr/bin/env python3
"""pe.py extract FILE SECTION OUT | blank FILE SECTION [FROM LENGTH] | machine FILE NUMBER: reads and damages EFI programs."""
import struct
import sys


def section(data, name):
    """Where the section's contents stand in the file, and how many bytes of them count."""
    (pe,) = struct.unpack_from("<I", data, 0x3C)
    count, optional = struct.unpack_from("<H12xH", data, pe + 6)
    for index in range(count):
        header = pe + 24 + optional + 40 * index
        if data[header : header + 8].rstrip(b"\0").decode() == name:
            size, _, _, offset = struct.unpack_from("<4I", data, header + 8)
            return offset, size
    sys.exit(f"{sys.argv[2]} has no section {name}")


command, file, *rest = sys.argv[1:]
data = bytearray(open(file, "rb").read())
if command == "extract":
    offset, size = section(data, rest[0])
    open(rest[1], "wb").write(data[offset : offset + size])
elif command == "blank":
    offset, size = section(data, rest[0])
    start, length = (int(word) for word in rest[1:]) if rest[1:] else (0, size)
    assert start + length <= size, "the section is shorter than that"
    data[offset + start : offset + start + length] = bytes(length)
    open(file, "wb").write(data)
elif command == "machine":
    (pe,) = struct.unpack_from("<I", data, 0x3C)
    struct.pack_into("<H", data, pe + 4, int(rest[0], 0))
    open(file, "wb").write(data)
else:
    sys.exit(__doc__)
