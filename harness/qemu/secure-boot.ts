import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { InputError } from "../model/errors.ts";
import { guidBytes, VariableStore } from "./variable-store.ts";

const globalVariable = "8be4df61-93ca-11d2-aa0d-00e098032b8c";
const securityDatabase = "d719b2cb-3d3a-4596-a3bc-dad00e67656f";
const x509 = "a5c059a1-94e4-4aa7-87b5-ab155c2bf072";
/** Who enrolled a key, which is all the owner's GUID says; a fixed one, so that the same keys measure the same into PCR 7. */
const owner = "6f736265-6e63-6800-8000-000000000000";
/** Kept in flash, seen while booting and running, changed only by who can sign for it (UEFI 2.10, section 8.2). */
const authenticated = 0x27;

/**
 * A machine's variables with these certificates trusted: each is added to `db`, beside what stands there. In a machine nobody owns yet, the first
 * of them also becomes platform and key exchange key, which switches Secure Boot on. Source: UEFI 2.10, sections 32.3 and 32.4.
 */
export function trust(flash: Uint8Array, certificates: readonly Uint8Array[], name: string): Buffer {
  const store = new VariableStore(flash, name);
  const [first] = certificates;
  if (first && !store.get("PK", globalVariable)) {
    for (const key of ["PK", "KEK"]) store.set({ name: key, guid: globalVariable, attributes: authenticated, data: signatureList(first) });
  }
  const known = store.get("db", securityDatabase)?.data ?? Buffer.alloc(0);
  const data = Buffer.concat([known, ...certificates.map(signatureList)]);
  if (first) store.set({ name: "db", guid: securityDatabase, attributes: authenticated, data });
  return store.bytes;
}

/** EFI_SIGNATURE_LIST of one X.509 certificate in DER. Source: UEFI 2.10, section 32.4.1. */
function signatureList(certificate: Uint8Array): Buffer {
  const sizes = Buffer.alloc(12);
  sizes.writeUInt32LE(28 + 16 + certificate.length, 0);
  sizes.writeUInt32LE(16 + certificate.length, 8);
  return Buffer.concat([guidBytes(x509), sizes, guidBytes(owner), certificate]);
}

/** Reads a certificate in PEM or DER and gives its DER. Throws InputError naming the file. */
export async function readCertificate(file: string): Promise<Uint8Array> {
  try {
    return new X509Certificate(await readFile(file)).raw;
  } catch (error) {
    const remedy = "Give an X.509 certificate in PEM or DER, as sbsign and ukify take it.";
    throw new InputError([{ at: { file }, what: `is no certificate that can be read: ${(error as Error).message}`, remedy }]);
  }
}
