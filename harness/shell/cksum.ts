const table = Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit++) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value >>> 0;
});

/** What POSIX cksum(1) prints for these bytes: CRC-32 with the length appended, complemented. */
export function cksum(bytes: Uint8Array): number {
  let crc = 0;
  const add = (byte: number) => (crc = ((crc << 8) ^ (table[((crc >>> 24) ^ byte) & 0xff] as number)) >>> 0);
  for (const byte of bytes) add(byte);
  for (let length = bytes.length; length > 0; length = Math.floor(length / 256)) add(length & 0xff);
  return ~crc >>> 0;
}
