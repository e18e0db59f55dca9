# The program ends as soon as it has begun: what comes then is the firmware's own shell, if it has one.
python3 - "$OUT/shell.efi" <<'PYTHON'
import struct, sys
data = bytearray(open(sys.argv[1], "rb").read())
pe = struct.unpack_from("<I", data, 60)[0]
entry = struct.unpack_from("<I", data, pe + 40)[0]
count, optional = struct.unpack_from("<H", data, pe + 6)[0], struct.unpack_from("<H", data, pe + 20)[0]
for i in range(count):
    size, address, raw, at = struct.unpack_from("<IIII", data, pe + 24 + optional + 40 * i + 8)
    if address <= entry < address + size:
        data[at + entry - address : at + entry - address + 3] = b"\x31\xc0\xc3"  # xor eax, eax; ret
open(sys.argv[1], "wb").write(data)
PYTHON
