import { createHash, type Hash } from "node:crypto";
import { HarnessError } from "../model/errors.ts";

/** One hash algorithm a TPM may keep PCRs in. */
export interface Bank {
  /** Name as tpm2-tools and /sys/class/tpm/tpm0/pcr-NAME spell it. */
  readonly name: string;
  /** TPM_ALG_ID, TPM 2.0 Library part 2, table 9. */
  readonly algorithmId: number;
  /** Bytes of a digest. */
  readonly size: number;
  /** Name of the same algorithm in node:crypto. */
  readonly hash: string;
}

const banks: readonly Bank[] = [
  { name: "sha1", algorithmId: 0x04, size: 20, hash: "sha1" },
  { name: "sha256", algorithmId: 0x0b, size: 32, hash: "sha256" },
  { name: "sha384", algorithmId: 0x0c, size: 48, hash: "sha384" },
  { name: "sha512", algorithmId: 0x0d, size: 64, hash: "sha512" },
  { name: "sm3_256", algorithmId: 0x12, size: 32, hash: "sm3" },
  { name: "sha3_256", algorithmId: 0x27, size: 32, hash: "sha3-256" },
  { name: "sha3_384", algorithmId: 0x28, size: 48, hash: "sha3-384" },
  { name: "sha3_512", algorithmId: 0x29, size: 64, hash: "sha3-512" },
];

/** The bank of that name, in any case. Throws HarnessError for a name no TPM has. */
export function bankNamed(name: string): Bank {
  const bank = banks.find((candidate) => candidate.name === name.toLowerCase());
  if (bank) return bank;
  throw new HarnessError("OSB_PCR_BANK", `there is no PCR bank ${JSON.stringify(name)}`, {
    hint: `Known banks: ${banks.map((known) => known.name).join(", ")}.`,
  });
}

/** The bank with that TPM_ALG_ID, or undefined if this harness does not know it. */
export function bankOfAlgorithm(algorithmId: number): Bank | undefined {
  return banks.find((candidate) => candidate.algorithmId === algorithmId);
}

/** Starts a hash of the bank. Throws HarnessError where this Node's OpenSSL lacks the algorithm. */
export function startHash(bank: Bank): Hash {
  try {
    return createHash(bank.hash);
  } catch (cause) {
    throw new HarnessError("OSB_PCR_BANK", `this Node cannot compute ${bank.name} digests`, { cause });
  }
}

/** The digest of some bytes in a bank, as lower-case hex. */
export function digestIn(bank: Bank, ...parts: readonly (Uint8Array | string)[]): string {
  const hash = startHash(bank);
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
