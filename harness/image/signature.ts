import { createHash, X509Certificate } from "node:crypto";
import { firstDer, readDer, type DerElement } from "./der.ts";
import type { PeFile } from "./pe.ts";
import { FormatError, type ByteSource } from "./source.ts";

/** A certificate that came with a signature; sha256 in lower-case hex. */
export interface PeCertificate {
  readonly subject: string;
  /** Of the certificate (DER). */
  readonly fingerprint: string;
  /** Of its public key (SubjectPublicKeyInfo, DER): the same in a certificate that was only renewed. */
  readonly key: string;
}

/** Who signed an EFI program. */
export interface PeSignature {
  /** The signer's name, as `CN=…, O=…`. */
  readonly subject: string;
  readonly issuer: string;
  /** sha256 of the signer's certificate, lower-case hex. */
  readonly fingerprint: string;
  /** Every certificate that came with it, the signer's first: firmware trusts the program if it trusts one of them. */
  readonly certificates: readonly PeCertificate[];
  /** false: the program was changed after it was signed. */
  readonly matches: boolean;
}

const pkcsSignedData = 2;
const sequence = 0x30;
const explicit0 = 0xa0;
const octets = 0x04;

const digestNames: Readonly<Record<string, string>> = {
  "2b0e03021a": "sha1",
  "608648016503040201": "sha256",
  "608648016503040202": "sha384",
  "608648016503040203": "sha512",
};

/**
 * The signatures of an EFI program, in the file's order. That a signature holds under its certificate is for firmware to say; what is checked is that it was
 * made for these bytes. Throws FormatError for a damaged table. Sources: PE Format, "The Attribute Certificate Table"; Authenticode PE Signature Format;
 * RFC 2315, section 9.
 */
export function readSignatures(source: ByteSource, pe: PeFile): PeSignature[] {
  const signatures: PeSignature[] = [];
  const { offset, size } = pe.certificates ?? { offset: 0, size: 0 };
  for (let at = 0; at + 8 <= size;) {
    const header = source.read(offset + at, 8);
    const length = header.readUInt32LE(0);
    if (length < 8 || at + length > size) throw new FormatError(source, `its signature ${signatures.length + 1} has ${length} bytes`);
    if (header.readUInt16LE(6) === pkcsSignedData)
      signatures.push(readSignedData(source.name, source.read(offset + at + 8, length - 8), pe));
    at += Math.ceil(length / 8) * 8;
  }
  return signatures;
}

function readSignedData(name: string, bytes: Buffer, pe: PeFile): PeSignature {
  const bad = (what: string) => new FormatError({ name }, `its signature is damaged: ${what}`);
  const children = (element: DerElement | undefined): DerElement[] => {
    if (!element) throw bad("it ends too soon");
    return readDer(name, element.content);
  };
  const [, wrapped] = children(firstDer(name, bytes));
  const [signedData] = children(wrapped);
  const [, , contentInfo, ...rest] = children(signedData);
  const listed = rest.find(({ tag }) => tag === explicit0);
  const found = (listed ? children(listed) : []).filter(({ tag }) => tag === sequence).map(({ bytes: der }) => readCertificate(der, bad));
  const [signer] = children(rest.at(-1));
  const [, identity] = children(signer);
  const [issuer, serial] = children(identity);
  if (!issuer || !serial) throw bad("it names no signer");
  const own = found.find(({ der }) => isSigner(name, der, issuer, serial));
  if (!own) throw bad("its signer's certificate is missing");
  const others = found.filter((one) => one !== own);
  const { subject, issuer: issuedBy, fingerprint } = own;
  const shown = ({ subject: who, fingerprint: print, key }: Certificate): PeCertificate => ({ subject: who, fingerprint: print, key });
  return {
    ...{ subject, issuer: issuedBy, fingerprint },
    certificates: [own, ...others].map(shown),
    matches: matches(pe, children, contentInfo),
  };
}

interface Certificate extends PeCertificate {
  readonly der: Buffer;
  readonly issuer: string;
}

function readCertificate(der: Buffer, bad: (what: string) => FormatError): Certificate {
  try {
    const certificate = new X509Certificate(der);
    const inline = (text: string) => text.trim().split("\n").toReversed().join(", ");
    return {
      der,
      subject: inline(certificate.subject),
      issuer: inline(certificate.issuer),
      fingerprint: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
      key: createHash("sha256")
        .update(certificate.publicKey.export({ type: "spki", format: "der" }))
        .digest("hex"),
    };
  } catch {
    throw bad("a certificate in it cannot be read");
  }
}

/** RFC 5280, section 4.1: tbsCertificate holds an optional [0] version, the serial number, an algorithm, the issuer. */
function isSigner(name: string, der: Buffer, issuer: DerElement, serial: DerElement): boolean {
  const tbs = readDer(name, firstDer(name, der).content)[0];
  const fields = readDer(name, tbs?.content ?? Buffer.alloc(0)).filter(({ tag }) => tag !== explicit0);
  return (fields[0]?.bytes.equals(serial.bytes) && fields[2]?.bytes.equals(issuer.bytes)) ?? false;
}

/** SpcIndirectDataContent: what kind of data, then the digest's algorithm and the digest itself. */
function matches(pe: PeFile, children: (element: DerElement | undefined) => DerElement[], contentInfo: DerElement | undefined): boolean {
  const [, wrapped] = children(contentInfo);
  const [indirect] = children(wrapped);
  const [, info] = children(indirect);
  const [algorithm, digest] = children(info);
  const [oid] = children(algorithm);
  const hash = digestNames[oid?.content.toString("hex") ?? ""];
  return hash !== undefined && digest?.tag === octets && digest.content.toString("hex") === pe.authenticode(hash);
}
