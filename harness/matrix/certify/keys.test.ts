import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { which } from "../../host/prerequisites.ts";
import { temporaryFolderOfFile } from "../../model/testdata/temporary.ts";
import { seal, statementType, unseal, preAuthentication } from "./dsse.ts";
import { keyId, readSigningKey, readVerifyingKey } from "./keys.ts";

const folder = temporaryFolderOfFile();
const at = { file: "x", line: 1 };
const openssl = (...argv: string[]) => execFileSync("openssl", argv, { cwd: folder, stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
const sshKey = (name: string, type: string, bits: string, passphrase = "") =>
  execFileSync("ssh-keygen", ["-q", "-t", type, "-b", bits, "-N", passphrase, "-C", "me@here", "-f", name], { cwd: folder });

// Only a test makes keys: osbench reads them by itself.
const noSshKeygen = !which("ssh-keygen");
const whyNoSshKeygen = "no ssh-keygen on this host: apt-get install openssh-client";

/** Makes a key, and says in which files its halves stand. */
const made: Readonly<Record<string, () => [signing: string, verifying: string]>> = {
  "ed25519 in PKCS#8": () => {
    openssl("genpkey", "-algorithm", "ed25519", "-out", "ed.pem");
    openssl("pkey", "-in", "ed.pem", "-pubout", "-out", "ed.pub.pem");
    return ["ed.pem", "ed.pub.pem"];
  },
  ...Object.fromEntries(
    ["prime256v1", "secp384r1", "secp521r1"].map((curve) => [
      `ECDSA ${curve} in PKCS#8`,
      (): [string, string] => {
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", `ec_paramgen_curve:${curve}`, "-out", `${curve}.pem`);
        openssl("pkey", "-in", `${curve}.pem`, "-pubout", "-out", `${curve}.pub.pem`);
        return [`${curve}.pem`, `${curve}.pub.pem`];
      },
    ]),
  ),
  "ECDSA in SEC1": () => {
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "sec1.pem");
    openssl("pkey", "-in", "sec1.pem", "-pubout", "-out", "sec1.pub.pem");
    return ["sec1.pem", "sec1.pub.pem"];
  },
  "ed25519 with a certificate": () => {
    openssl("req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", "c.pem", "-out", "c.crt", "-subj", "/CN=us");
    return ["c.pem", "c.crt"];
  },
  "ed25519 of OpenSSH": () => (sshKey("sshed", "ed25519", "256"), ["sshed", "sshed.pub"]),
  "ECDSA 256 of OpenSSH": () => (sshKey("sshec", "ecdsa", "256"), ["sshec", "sshec.pub"]),
  "ECDSA 521 of OpenSSH": () => (sshKey("sshec521", "ecdsa", "521"), ["sshec521", "sshec521.pub"]),
  "a private key for both": () => (openssl("genpkey", "-algorithm", "ed25519", "-out", "both.pem"), ["both.pem", "both.pem"]),
};

test.for(Object.entries(made))("%s signs and verifies", async ([name, make], { skip }) => {
  skip(name.endsWith("OpenSSH") && noSshKeygen, whyNoSshKeygen);
  const [signing, verifying] = make().map((name) => join(folder, name)) as [string, string];
  const sealed = seal('{"a":1}', await readSigningKey(signing, undefined));
  const key = await readVerifyingKey(verifying);
  expect(sealed.signatures[0]?.keyid).toBe(keyId(key));
  expect(unseal(sealed, key, at)).toBe('{"a":1}');
});

test("what is signed is what openssl verifies, with nothing of ours in between", async () => {
  openssl("genpkey", "-algorithm", "ed25519", "-out", "o.pem");
  openssl("pkey", "-in", "o.pem", "-pubout", "-out", "o.pub");
  const { payload, payloadType, signatures } = seal("what was tested", await readSigningKey(join(folder, "o.pem"), undefined));
  const body = Buffer.from(payload, "base64");
  writeFileSync(join(folder, "signed"), Buffer.concat([Buffer.from(`DSSEv1 28 ${payloadType} 15 `), body]));
  writeFileSync(join(folder, "sig"), Buffer.from(signatures[0]!.sig, "base64"));
  const check = () => openssl("pkeyutl", "-verify", "-pubin", "-inkey", "o.pub", "-rawin", "-in", "signed", "-sigfile", "sig");
  expect(check()).toMatch(/Verified Successfully/);
  writeFileSync(join(folder, "signed"), preAuthentication(statementType, Buffer.from("what was tester")));
  expect(check).toThrow(/Command failed/);
});

test("ECDSA too", async () => {
  openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-out", "e.pem");
  openssl("pkey", "-in", "e.pem", "-pubout", "-out", "e.pub");
  const { payload, signatures } = seal("tested", await readSigningKey(join(folder, "e.pem"), undefined));
  writeFileSync(join(folder, "signed-e"), preAuthentication(statementType, Buffer.from(payload, "base64")));
  writeFileSync(join(folder, "sig-e"), Buffer.from(signatures[0]!.sig, "base64"));
  expect(openssl("dgst", "-sha256", "-verify", "e.pub", "-signature", "sig-e", "signed-e")).toMatch(/Verified OK/);
});

test("a protected key says how its passphrase is given, and opens with it", async ({ skip }) => {
  openssl("genpkey", "-algorithm", "ed25519", "-aes256", "-pass", "pass:secret", "-out", "p.pem");
  skip(noSshKeygen, whyNoSshKeygen);
  sshKey("psshed", "ed25519", "256", "secret");
  for (const name of ["p.pem", "psshed"]) {
    const file = join(folder, name);
    await expect(readSigningKey(file, undefined)).rejects.toThrow(
      /is protected by a passphrase\n {2}Put the passphrase into .* OSBENCH_KEY_PASSPHRASE/,
    );
    await expect(readSigningKey(file, "guess")).rejects.toThrow(/the passphrase in OSBENCH_KEY_PASSPHRASE does not open it/);
    expect((await readSigningKey(file, "secret")).asymmetricKeyType).toBe("ed25519");
  }
});

test.each([
  ["a public key", () => (made["ed25519 in PKCS#8"]!(), "ed.pub.pem"), /is a public key; to sign, the private one is needed/],
  ["a file that is no key", () => (writeFileSync(join(folder, "note"), "hello"), "note"), /is no private key/],
  [
    "half a key",
    () => (writeFileSync(join(folder, "half"), "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n"), "half"),
    /cannot be read as a key/,
  ],
  ["no file", () => "nowhere", /cannot be read: ENOENT/],
  [
    "RSA",
    () => (openssl("genpkey", "-algorithm", "RSA", "-out", "rsa.pem"), "rsa.pem"),
    /is a key of the kind rsa; needed is an ed25519 or ECDSA/,
  ],
  [
    "an odd curve",
    () => (openssl("ecparam", "-name", "secp256k1", "-genkey", "-noout", "-out", "k1.pem"), "k1.pem"),
    /of the kind ec \(secp256k1\)/,
  ],
])("%s cannot sign, and why is said", async (_, make, message) => {
  await expect(readSigningKey(join(folder, make()), undefined)).rejects.toThrow(message);
});

test("another key, a changed text and a changed type are told from each other", async () => {
  made["ed25519 in PKCS#8"]!();
  openssl("genpkey", "-algorithm", "ed25519", "-out", "other.pem");
  const own = await readSigningKey(join(folder, "ed.pem"), undefined);
  const sealed = seal("tested", own);
  expect(() => unseal({ ...sealed, payload: Buffer.from("passed").toString("base64") }, own, at)).toThrow(/changed after it was signed/);
  const other = await readVerifyingKey(join(folder, "other.pem"));
  expect(() => unseal(sealed, other, at)).toThrow(`it names ${keyId(own).slice(0, 16)}`);
  const swapped = { ...sealed, signatures: [{ ...sealed.signatures[0]!, keyid: keyId(other) }] };
  expect(unseal(swapped, own, at)).toBe("tested");
  expect(() => unseal(swapped, other, at)).toThrow(/changed after it was signed/);
  expect(readFileSync(join(folder, "ed.pem"), "utf8")).toContain("PRIVATE");
});
