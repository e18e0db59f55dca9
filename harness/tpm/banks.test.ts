import { expect, test } from "vitest";
import { bankNamed, bankOfAlgorithm, digestIn } from "./banks.ts";

test("bank names are those of tpm2-tools, in any case", () => {
  expect(bankNamed("SHA256").algorithmId).toBe(0x0b);
  expect(bankOfAlgorithm(0x0c)?.name).toBe("sha384");
  expect(() => bankNamed("md5")).toThrow(/there is no PCR bank "md5"/);
});

test("every bank this Node can hash gives digests of the bank's size", () => {
  for (const name of ["sha1", "sha256", "sha384", "sha512", "sha3_256"])
    expect(digestIn(bankNamed(name), "x")).toHaveLength(bankNamed(name).size * 2);
});
