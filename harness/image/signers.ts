import { createHash, X509Certificate } from "node:crypto";
import { FormatError, type ByteSource } from "./source.ts";
import type { PeFile } from "./pe.ts";

/** One certificate a signature of an EFI program carries; fingerprints are sha256 in lower-case hex. */
export interface Signer {
  readonly subject: string;
  /** Of the whole certificate (DER). */
  readonly certificate: string;
  /** Of its public key (SubjectPublicKeyInfo, DER): the same for a certificate that was only renewed. */
  readonly key: string;
}

interface Element {
  readonly tag: number;
  readonly whole: Buffer;
  readonly content: Buffer;
}

const largest = 1 << 20;

/**
 * The certificates in the signatures of an EFI program; empty for one that is not signed. That a signature holds is not checked: firmware does.
 * Throws FormatError for a signature that is none. Sources: PE Format, "The Attribute Certificate Table"; RFC 2315, 9.1.
 */
export function signersOf(source: ByteSource, { certificates: table }: Pick<PeFile, "certificates">): Signer[] {
  if (!table) return [];
  if (table.size > largest) throw new FormatError(source, `has ${table.size} bytes of signatures, more than ${largest}`);
  const bytes = source.read(table.offset, table.size);
  const found = new Map<string, Signer>();
  try {
    for (let at = 0; at + 8 <= bytes.length;) {
      const length = bytes.readUInt32LE(at);
      if (length < 8 || at + length > bytes.length) throw new Error(`an entry at byte ${at} has ${length} bytes`);
      // WIN_CERT_TYPE_PKCS_SIGNED_DATA
      if (bytes.readUInt16LE(at + 6) === 2)
        for (const one of certificatesOf(bytes.subarray(at + 8, at + length))) found.set(one.certificate, one);
      at += Math.ceil(length / 8) * 8;
    }
  } catch (error) {
    throw new FormatError(source, `has signatures that cannot be read: ${(error as Error).message}`);
  }
  return [...found.values()];
}

/** ContentInfo { oid, [0] SignedData { version, digests, content, [0] certificates, … } } */
function certificatesOf(pkcs7: Buffer): Signer[] {
  const [contentInfo] = elements(pkcs7, 1);
  const explicit = elements(contentInfo?.content ?? Buffer.alloc(0)).find(({ tag }) => tag === 0xa0);
  const [signedData] = elements(explicit?.content ?? Buffer.alloc(0));
  const list = elements(signedData?.content ?? Buffer.alloc(0)).find(({ tag }) => tag === 0xa0);
  return elements(list?.content ?? Buffer.alloc(0)).map(({ whole }) => {
    const certificate = new X509Certificate(whole);
    return {
      subject: certificate.subject.replaceAll("\n", ", "),
      certificate: hex(whole),
      key: hex(certificate.publicKey.export({ type: "spki", format: "der" })),
    };
  });
}

/** The DER elements one after the other (X.690, 8.1); what pads a signature after its last one is left alone. */
function elements(bytes: Buffer, most = Infinity): Element[] {
  const found: Element[] = [];
  for (let at = 0; at + 2 <= bytes.length && found.length < most;) {
    let length = bytes[at + 1]!;
    let start = at + 2;
    if (length > 0x80) {
      const count = length - 0x80;
      if (count > 4 || start + count > bytes.length) throw new Error(`a length of ${count} bytes at byte ${at}`);
      length = bytes.readUIntBE(start, count);
      start += count;
    } else if (length === 0x80) throw new Error(`an element without a length at byte ${at}`);
    if (start + length > bytes.length) throw new Error(`an element at byte ${at} ends at byte ${start + length} of ${bytes.length}`);
    found.push({ tag: bytes[at]!, whole: bytes.subarray(at, start + length), content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return found;
}

function hex(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
