import { sign, verify, type KeyObject } from "node:crypto";
import { z } from "zod";
import { InputError } from "../../model/errors.ts";
import { hashOf, keyId } from "./keys.ts";

/** What a signed in-toto statement is called in an envelope. */
export const statementType = "application/vnd.in-toto+json";

/** A DSSE envelope. Members nobody knows are allowed, as the specification asks. */
export const envelope = z.object({
  payloadType: z.literal(statementType),
  payload: z.base64(),
  signatures: z.array(z.object({ keyid: z.string().optional(), sig: z.base64() })).min(1),
});

export type Envelope = z.infer<typeof envelope>;

/** What is signed: type and payload with their lengths, so that neither can pass for the other. Source: DSSE protocol, "PAE". */
export function preAuthentication(type: string, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `), payload]);
}

/** Signs a text. The key is ed25519 or ECDSA, as `readSigningKey` gives it. */
export function seal(text: string, key: KeyObject): Envelope {
  const payload = Buffer.from(text);
  const sig = sign(hashOf(key), preAuthentication(statementType, payload), key).toString("base64");
  return { payloadType: statementType, payload: payload.toString("base64"), signatures: [{ keyid: keyId(key), sig }] };
}

/**
 * The payload of an envelope the key has signed. A `keyid` is only a hint: every signature is tried.
 * Throws InputError `OSB_SIGNATURE` if none holds, saying whose key the envelope names.
 */
export function unseal({ payloadType, payload, signatures }: Envelope, key: KeyObject, at: { file: string; line: number }): string {
  const bytes = Buffer.from(payload, "base64");
  const signed = preAuthentication(payloadType, bytes);
  if (signatures.some(({ sig }) => holds(signed, key, sig))) return bytes.toString("utf8");
  const own = keyId(key);
  const named = signatures.flatMap(({ keyid }) => keyid ?? []);
  const claimsOwn = named.includes(own);
  const what = claimsOwn
    ? "its signature does not hold: what it says was changed after it was signed"
    : `it is not signed by this key (${own.slice(0, 16)}…): it names ${named.map((id) => `${printable(id).slice(0, 16)}…`).join(", ") || "none"}`;
  const remedy = claimsOwn
    ? "Do not trust it; ask whoever signed it for the original."
    : "Give the public key of who should have signed it.";
  throw new InputError([{ at, what, remedy }], "OSB_SIGNATURE");
}

function holds(signed: Buffer, key: KeyObject, signature: string): boolean {
  try {
    return verify(hashOf(key), signed, key, Buffer.from(signature, "base64"));
  } catch {
    // A signature of another kind of key need not even have a shape this key can check.
    return false;
  }
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}
