#!/usr/bin/env python3
"""module.py IN OUT crash|spin|deaf: a kernel module whose start runs into an undefined instruction, never ends, or waits with interrupts off."""
import struct
import sys

source, target, fault = sys.argv[1:]
data = bytearray(open(source, "rb").read())
magic = b"~Module signature appended~\n"
if data.endswith(magic):
    # A signature that does not fit is refused; a missing one only taints.
    (length,) = struct.unpack_from(">I", data, len(data) - len(magic) - 4)
    del data[len(data) - len(magic) - 12 - length :]

(table,) = struct.unpack_from("<Q", data, 40)
size, count, names = struct.unpack_from("<3H", data, 58)
sections = [struct.unpack_from("<2I4Q2I2Q", data, table + size * index) for index in range(count)]


def name(offset, strings):
    start = sections[strings][4] + offset
    return data[start : data.index(0, start)].decode()


symbols = next(section for section in sections if section[1] == 2)
for offset in range(symbols[4], symbols[4] + symbols[5], 24):
    label, _, _, index, value, _ = struct.unpack_from("<IBBHQQ", data, offset)
    if name(label, symbols[6]) == "init_module":
        break
else:
    sys.exit(f"{source} has no init_module")
start = sections[index][4] + value
# Behind what kernels patch at run time: the landing pad and the tracer's call.
if data[start : start + 4] == b"\xf3\x0f\x1e\xfa":
    start += 4
if data[start] == 0xE8:
    start += 5
# x86: ud2; a jump to itself; cli and hlt. No more than two bytes: what follows may be relocated.
data[start : start + 2] = {"crash": b"\x0f\x0b", "spin": b"\xeb\xfe", "deaf": b"\xfa\xf4"}[fault]
open(target, "wb").write(data)
