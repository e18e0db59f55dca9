import type { QemuArchitecture } from "./target.ts";

const [loadAddress, headerBytes, segmentBytes] = [0x400000, 64, 56];

/**
 * A static ELF program of two hundred bytes that has a guest's kernel draw new random numbers from what it was given last, and exits with 0 if it did. Sources: elf(5);
 * random(4), RNDRESEEDCRNG. Undefined where the machine has a device that tells the kernel by itself, or no such program is known.
 */
export function reseedProgram({ reseed, ...arch }: QemuArchitecture): Uint8Array | undefined {
  if (!reseed || arch["generation-device"] !== undefined) return undefined;
  const path = Buffer.from("/dev/urandom\0");
  const code = Buffer.alloc(reseed.code.length * 4);
  for (const [index, word] of reseed.code.entries()) code.writeUInt32LE(word, index * 4);
  const start = headerBytes + segmentBytes;
  const length = start + code.length + path.length;
  const header = Buffer.alloc(headerBytes);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // ELF, 64 bits, least byte first, version 1
  header.writeUInt16LE(2, 16); // e_type: ET_EXEC
  header.writeUInt16LE(reseed["elf-machine"], 18);
  header.writeUInt32LE(1, 20); // e_version
  header.writeBigUInt64LE(BigInt(loadAddress + start), 24); // e_entry
  header.writeBigUInt64LE(BigInt(headerBytes), 32); // e_phoff
  header.writeUInt16LE(headerBytes, 52); // e_ehsize
  header.writeUInt16LE(segmentBytes, 54); // e_phentsize
  header.writeUInt16LE(1, 56); // e_phnum
  const segment = Buffer.alloc(segmentBytes);
  segment.writeUInt32LE(1, 0); // p_type: PT_LOAD
  segment.writeUInt32LE(5, 4); // p_flags: read, execute
  for (const at of [16, 24]) segment.writeBigUInt64LE(BigInt(loadAddress), at); // p_vaddr, p_paddr
  for (const at of [32, 40]) segment.writeBigUInt64LE(BigInt(length), at); // p_filesz, p_memsz
  segment.writeBigUInt64LE(0x1000n, 48); // p_align
  return Buffer.concat([header, segment, code, path]);
}
