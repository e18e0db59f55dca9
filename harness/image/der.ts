import { FormatError } from "./source.ts";

/** One element of DER: a tag, and what it holds. */
export interface DerElement {
  /** First byte: 0x30 SEQUENCE, 0x31 SET, 0x02 INTEGER, 0x06 OBJECT IDENTIFIER, 0x04 OCTET STRING, 0xa0 [0], … */
  readonly tag: number;
  readonly content: Buffer;
  /** With tag and length. */
  readonly bytes: Buffer;
}

/** Reads the elements that follow each other in some bytes. Throws FormatError where they break the rules. Source: ITU-T X.690, section 8.1. */
export function readDer(name: string, bytes: Buffer): DerElement[] {
  const elements: DerElement[] = [];
  for (let at = 0; at < bytes.length;) {
    const element = readElement(name, bytes, at);
    elements.push(element);
    at += element.bytes.length;
  }
  return elements;
}

/** The first element of some bytes; what follows it is left alone. */
export function firstDer(name: string, bytes: Buffer): DerElement {
  return readElement(name, bytes, 0);
}

function readElement(name: string, bytes: Buffer, at: number): DerElement {
  const bad = () => new FormatError({ name }, "its signature is damaged: it is no DER");
  const first = bytes[at + 1];
  if (first === undefined || first === 0x80) throw bad();
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (lengthBytes > 4 || at + 2 + lengthBytes > bytes.length) throw bad();
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes);
  const start = at + 2 + lengthBytes;
  if (start + length > bytes.length) throw bad();
  return { tag: bytes[at] ?? 0, content: bytes.subarray(start, start + length), bytes: bytes.subarray(at, start + length) };
}
