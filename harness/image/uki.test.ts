import { describe, expect, test } from "vitest";
import { InputError } from "../model/errors.ts";
import { authenticodeOf, sampleBytes, sampleFile } from "./testdata/samples.ts";
import { authenticodeDigest, predictUkiPcr11 } from "./uki.ts";

/** What `ukify build --measure` printed when it made the sample: phase path to bank to value. */
const measured = sampleBytes("sample_1.pcr11.txt")
  .toString()
  .split("# PCR[11] Phase ")
  .slice(1)
  .map((block) => {
    const phases = /<(.*)>/.exec(block)?.[1]?.split(":") ?? [];
    const values = Object.fromEntries([...block.matchAll(/11:(\w+)=([0-9a-f]+)/g)].map((match) => [match[1] ?? "", match[2] ?? ""]));
    return { phases, values };
  });

describe("PCR 11 predicted from the UKI's bytes", () => {
  test.each(measured)("equals systemd-measure after $phases, in every bank", async ({ phases, values }) => {
    const file = sampleFile("sample_1.efi");
    expect(Object.keys(values)).toEqual(["sha1", "sha256", "sha384", "sha512"]);
    for (const [bank, value] of Object.entries(values)) expect((await predictUkiPcr11(file, bank, phases)).value).toBe(value);
  });

  test("was compared for the four phases of a boot", () => {
    expect(measured.map(({ phases }) => phases.at(-1))).toEqual(["enter-initrd", "leave-initrd", "sysinit", "ready"]);
  });

  test("changes with one byte of the kernel", async () => {
    const bytes = sampleBytes("sample_1.efi");
    const at = bytes.indexOf("kernel 300");
    bytes[at] = 0x4b;
    const changed = await predictUkiPcr11(sampleFile("sample_1.efi", bytes), "sha256");
    expect(changed.value).not.toBe(measured.at(-1)?.values["sha256"]);
  });
});

test("a program that is no UKI is refused", async () => {
  await expect(predictUkiPcr11(sampleFile("addonx64.efi"), "sha256")).rejects.toThrow(
    /is no unified kernel image: it has no section \.linux/,
  );
  await expect(predictUkiPcr11("/nonexistent/x.efi", "sha256")).rejects.toThrow(InputError);
});

test("digests a file as firmware does for PCR 4", async () => {
  expect(await authenticodeDigest(sampleFile("sample_1.efi"))).toBe(authenticodeOf("sample_1.efi"));
});
