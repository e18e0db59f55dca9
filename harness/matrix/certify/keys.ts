import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import ssh2 from "ssh2";
import { InputError } from "../../model/errors.ts";

/** Where the passphrase of a protected key is looked for: a command line would show it to everyone on the host. */
export const passphraseVariable = "OSBENCH_KEY_PASSPHRASE";

const flag = "--key";
const kinds = "an ed25519 or ECDSA key (P-256, P-384 or P-521)";
const howToMake = "Make one: openssl genpkey -algorithm ed25519 -out key.pem (or: ssh-keygen -t ed25519 -f key)";
const hashes: Readonly<Record<string, string>> = { prime256v1: "sha256", secp384r1: "sha384", secp521r1: "sha512" };

/**
 * Reads a private key: PKCS#8 or SEC1 PEM, or OpenSSH's own format. A protected one is opened with `passphrase`.
 * Throws InputError for a file that is none, a kind of key that cannot sign here, or a passphrase that is missing or wrong.
 */
export async function readSigningKey(file: string, passphrase: string | undefined): Promise<KeyObject> {
  const text = await textOf(file);
  const isOpenSsh = text.includes("BEGIN OPENSSH PRIVATE KEY");
  if (!/BEGIN [A-Z ]*PRIVATE KEY/.test(text)) {
    const what = looksPublic(text) ? "is a public key; to sign, the private one is needed" : `is no private key`;
    throw wrong(file, what, howToMake);
  }
  return signing(file, isOpenSsh ? opened(file, () => fromOpenSsh(text, passphrase)) : opened(file, () => fromPem(text, passphrase)));
}

/** Reads the public key to verify with: PEM (also a certificate's), OpenSSH's one line, or a private key file that is not protected. */
export async function readVerifyingKey(file: string): Promise<KeyObject> {
  const text = await textOf(file);
  const key = opened(file, () => {
    if (text.includes("BEGIN OPENSSH PRIVATE KEY")) return createPublicKey(fromOpenSsh(text, undefined));
    if (text.includes("-----BEGIN ")) return createPublicKey(text);
    return createPublicKey(parseSsh(text, undefined).getPublicPEM());
  });
  return signing(file, key);
}

/** Names a key wherever it is spoken of: sha256 of its public half (SubjectPublicKeyInfo, DER), lower-case hex. */
export function keyId(key: KeyObject): string {
  const half = key.type === "private" ? createPublicKey(key) : key;
  return createHash("sha256")
    .update(half.export({ type: "spki", format: "der" }))
    .digest("hex");
}

/** What is hashed before signing: ed25519 does that itself. */
export function hashOf(key: KeyObject): string | undefined {
  return hashes[key.asymmetricKeyDetails?.namedCurve ?? ""];
}

function signing(file: string, key: KeyObject): KeyObject {
  if (key.asymmetricKeyType === "ed25519" || (key.asymmetricKeyType === "ec" && hashOf(key) !== undefined)) return key;
  const curve = key.asymmetricKeyDetails?.namedCurve;
  throw wrong(
    file,
    `is a key of the kind ${key.asymmetricKeyType}${curve === undefined ? "" : ` (${curve})`}; needed is ${kinds}`,
    howToMake,
  );
}

function fromPem(text: string, passphrase: string | undefined): KeyObject {
  const isProtected = /ENCRYPTED/.test(text);
  if (isProtected && passphrase === undefined) throw new Protected();
  try {
    return createPrivateKey({ key: text, ...(passphrase !== undefined && isProtected && { passphrase }) });
  } catch (error) {
    throw isProtected ? new Protected(passphrase) : error;
  }
}

function fromOpenSsh(text: string, passphrase: string | undefined): KeyObject {
  return createPrivateKey(parseSsh(text, passphrase).getPrivatePEM());
}

function parseSsh(text: string, passphrase: string | undefined): ssh2.ParsedKey {
  const parsed = ssh2.utils.parseKey(text, passphrase);
  if (!(parsed instanceof Error)) return parsed;
  if (/no passphrase given/.test(parsed.message)) throw new Protected();
  if (/passphrase/.test(parsed.message)) throw new Protected(passphrase);
  throw parsed;
}

/** The key is protected: nobody gave its passphrase, or the one given does not open it. */
class Protected extends Error {
  readonly tried: boolean;
  constructor(passphrase?: string) {
    super("protected by a passphrase");
    this.tried = passphrase !== undefined;
  }
}

function opened(file: string, open: () => KeyObject): KeyObject {
  try {
    return open();
  } catch (error) {
    if (error instanceof InputError) throw error;
    if (!(error instanceof Protected))
      throw wrong(file, `cannot be read as a key: ${(error as Error).message}`, `Give ${kinds}, in PEM or OpenSSH's format.`);
    const what = error.tried
      ? `is protected, and the passphrase in ${passphraseVariable} does not open it`
      : "is protected by a passphrase";
    throw wrong(file, what, `Put the passphrase into the environment variable ${passphraseVariable}, or use a key without one.`);
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw wrong(file, `cannot be read: ${(error as Error).message}`, howToMake);
  }
}

function looksPublic(text: string): boolean {
  return /BEGIN (PUBLIC KEY|CERTIFICATE)/.test(text) || /^(ssh-|ecdsa-)/.test(text);
}

function wrong(file: string, what: string, remedy: string): InputError {
  return new InputError([{ at: { flag: `${flag} ${file}` }, what, remedy }], "OSB_KEY");
}
