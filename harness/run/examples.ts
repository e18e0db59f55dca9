import { imageManifest } from "../model/image.ts";
import { targetManifest } from "../model/target.ts";
import { combine, type Combination } from "./plan.ts";
import { recordSchemaVersion, type CellRecord } from "../model/record.ts";

/** A record for tests of this room, with the given parts replaced. */
export function exampleRecord(parts: Partial<CellRecord> = {}): CellRecord {
  return {
    schema: recordSchemaVersion,
    run: "2026-01-02T030405Z-1",
    image: { name: "debian-ab", version: "1", digest: "sha256:00", form: "disk" },
    target: { name: "x86_64", kind: "emulated", arch: "x86_64", machine: "q35", accelerator: "tcg" },
    suite: { name: "boot", digest: "11", file: "suites/boot/boot.suite.yaml" },
    test: "boots",
    outcome: "pass",
    started: "2026-01-02T03:04:05.000Z",
    durationMs: 1000,
    attempts: 1,
    machines: [],
    evidence: [],
    ...parts,
  };
}

export function exampleCombination(image = "example", target = "x86_64"): Combination {
  const images = [imageManifest.parse({ image, title: image, architectures: ["x86_64"], versions: [{ version: "1", disk: "disk.raw" }] })];
  const arch = target.startsWith("riscv64") ? "riscv64" : "x86_64";
  const targets = [targetManifest.parse({ target, title: target, arch, machine: "q35", firmware: { type: "uefi" } })];
  return combine(images, targets)[0] as Combination;
}
