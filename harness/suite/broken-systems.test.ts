import { describe, expect, test } from "vitest";
import { accountForBoots } from "./seen-boots.ts";
import { contextOf, healthySystem, step, type System } from "./testdata/fake-context.ts";

/** Each test is a system broken in one way, and the claim that must notice. */
const blames = (code: string) => ({ fault: "image", code });

async function update(system: System, input: unknown = "next"): Promise<void> {
  await step(contextOf(system), "update", input);
}

async function check(system: System, input: unknown): Promise<void> {
  await step(contextOf(system), "check", input);
}

describe("update", () => {
  test("holds for an updater that does its work", async () => {
    const system = healthySystem();
    await update(system);
    expect(system.entries).toHaveProperty(["osb_2+3-0.efi"]);
    await check(system, {
      version: "current",
      staged: "next",
      installed: ["current", "next"],
      "published-root": ["current", "next"],
      "published-uki": ["next"],
      tries: { next: "armed" },
    });
  });

  test("notices an updater that reports success and installs nothing", async () => {
    await expect(update(healthySystem({ install: () => 0 }))).rejects.toMatchObject(blames("OSB_UPDATE_LOST"));
  });

  test("notices one that installs a slot and forgets the boot entry", async () => {
    const install = (system: System) => ((system.slots = { osb_1: "root 1", osb_2: "root 2" }), 0);
    await expect(update(healthySystem({ install }))).rejects.toMatchObject(blames("OSB_UPDATE_LOST"));
  });

  test("notices one that offers nothing, or another version", async () => {
    await expect(update(healthySystem({ offered: undefined }))).rejects.toMatchObject(blames("OSB_UPDATE_NOT_OFFERED"));
    await expect(update(healthySystem({ offered: "3" }))).rejects.toMatchObject(blames("OSB_UPDATE_NOT_OFFERED"));
    const blind = healthySystem({ offered: undefined, install: () => 1 });
    await expect(update(blind, { to: "next", source: "damaged-root" })).rejects.toMatchObject(blames("OSB_UPDATE_NOT_OFFERED"));
  });

  test("notices one that fails although it has written everything", async () => {
    const { install } = healthySystem();
    await expect(update(healthySystem({ install: (system) => install(system) + 1 }))).rejects.toMatchObject(blames("OSB_UPDATE_FAILED"));
  });

  test("notices a damaged download that was installed, wholly or in part", async () => {
    const damaged = { to: "next", source: "damaged-root" };
    await expect(update(healthySystem(), damaged)).rejects.toMatchObject(blames("OSB_UPDATE_TAKEN"));
    const half = (system: System) => ((system.entries["osb_2+3-0.efi"] = "uki 2"), 1);
    await expect(update(healthySystem({ install: half }), damaged)).rejects.toMatchObject(blames("OSB_UPDATE_TAKEN"));
  });

  test("notices a damaged download that is passed over in silence, and holds for one that is refused", async () => {
    const damaged = { to: "next", source: "damaged-sums" };
    await expect(update(healthySystem({ install: () => 0 }), damaged)).rejects.toMatchObject(blames("OSB_UPDATE_SILENT"));
    await update(healthySystem({ install: () => 1 }), damaged);
  });

  test("notices a version that is offered although a file is missing", async () => {
    const incomplete = { to: "next", source: "incomplete" };
    await expect(update(healthySystem(), incomplete)).rejects.toMatchObject(blames("OSB_UPDATE_OFFERED"));
    await update(healthySystem({ offered: undefined }), incomplete);
  });
});

describe("check", () => {
  test("notices a running slot that was written over", async () => {
    const system = healthySystem({ slots: { osb_1: "root 2", osb_2: "root 2" } });
    await expect(check(system, { "published-root": ["current"] })).rejects.toMatchObject(blames("OSB_CHECK"));
  });

  test("notices a version that holds another version's bytes, in slot or entry", async () => {
    const system = healthySystem({ slots: { osb_1: "root 1", osb_2: "root 1" }, entries: { "osb_1.efi": "uki 1", "osb_2.efi": "uki 1" } });
    await expect(check(system, { "published-root": ["next"] })).rejects.toMatchObject(blames("OSB_CHECK"));
    await expect(check(system, { "published-uki": ["next"] })).rejects.toMatchObject(blames("OSB_CHECK"));
    await expect(check(system, { version: "next" })).rejects.toMatchObject(blames("OSB_CHECK"));
  });

  test("notices a new UKI that runs on the old root", async () => {
    const system = healthySystem({ version: "2", slots: { osb_1: "root 1", osb_2: "root 2" } });
    await expect(check(system, { "running-slot": "next" })).rejects.toMatchObject(blames("OSB_CHECK"));
  });

  test("notices boot counting that was never armed", async () => {
    const system = healthySystem({ entries: { "osb_1.efi": "uki 1", "osb_2.efi": "uki 2" } });
    await expect(check(system, { tries: { next: "armed" } })).rejects.toMatchObject(blames("OSB_CHECK"));
    await expect(check(system, { boot: "good" })).rejects.toThrow(/uncounted \(the loader counted nothing/);
  });

  test("notices a try that was not counted, and one that was never marked good", async () => {
    const entries = { "osb_1.efi": "uki 1", "osb_3+1-2.efi": "uki 3" };
    await expect(check(healthySystem({ entries }), { tries: { "never-good": "0-3" } })).rejects.toThrow(/is 1-2, claimed is 0-3/);
    await expect(check(healthySystem({ entries }), { tries: { next: "none" } })).rejects.toThrow(/on no entry/);
    await expect(check(healthySystem({ entries, countedPath: "\\EFI\\Linux\\osb_3+1-2.efi" }), { boot: "good" })).rejects.toThrow(
      /counting/,
    );
  });

  test("notices an armed counter of which a try is already used", async () => {
    await expect(check(healthySystem({ entries: { "osb_2+2-1.efi": "" } }), { tries: { next: "armed" } })).rejects.toMatchObject(
      blames("OSB_CHECK"),
    );
  });

  test("notices a failing unit", async () => {
    const system = healthySystem({ failed: ["broken.service"] });
    await expect(check(system, { "failed-units": [] })).rejects.toThrow(/broken\.service, claimed is none/);
    await expect(check(system, { state: "running" })).rejects.toMatchObject(blames("OSB_CHECK"));
    await check(system, { "failed-units": ["broken.service"], state: "degraded" });
  });

  test("notices an entry nobody claimed, and a default that is not the one claimed", async () => {
    const system = healthySystem({ entries: { "osb_1.efi": "uki 1", "other.efi": "" } });
    await expect(check(system, { entries: ["current"] })).rejects.toThrow(/1, unknown, claimed is 1/);
    await expect(
      check(healthySystem({ entries: { "osb_1.efi": "", "osb_2.efi": "" }, defaultEntry: "osb_2.efi" }), { default: "current" }),
    ).rejects.toMatchObject(blames("OSB_CHECK"));
  });
});

describe("reboot", () => {
  test("holds for one new boot", async () => {
    await expect(step(contextOf(healthySystem()), "reboot", null)).resolves.toBeUndefined();
  });

  test("notices a boot that needed two starts", async () => {
    await expect(step(contextOf(healthySystem(), { onReboot: ["second", "third"] }), "reboot", null)).rejects.toMatchObject(
      blames("OSB_REBOOT_COUNT"),
    );
  });

  test("notices a kernel that is the one from before", async () => {
    await expect(step(contextOf(healthySystem(), { onReboot: ["first"] }), "reboot", null)).rejects.toMatchObject(
      blames("OSB_REBOOT_SAME"),
    );
  });

  test("counts a reboot that came before its step, and notices when there were two", async () => {
    const context = contextOf(healthySystem());
    accountForBoots(context);
    context.boots.push({ number: 2, id: "second", durations: {}, totalMs: 0 });
    await step(context, "reboot", { "by-itself": true });
    context.boots.push({ number: 3, id: "third", durations: {}, totalMs: 0 }, { number: 4, id: "fourth", durations: {}, totalMs: 0 });
    await expect(step(context, "reboot", { "by-itself": true })).rejects.toMatchObject(blames("OSB_REBOOT_COUNT"));
  });
});

describe("remember and compare", () => {
  test("notice what changed and what did not", async () => {
    const system = healthySystem();
    const context = contextOf(system);
    await step(context, "remember", ["slots", "entries", "default-entry", "running-slot"]);
    await step(context, "compare", { same: ["slots", "entries", "default-entry", "running-slot"] });
    await expect(step(context, "compare", { changed: ["slots"] })).rejects.toMatchObject(blames("OSB_COMPARE"));
    system.slots["osb_1"] = "root x";
    await expect(step(context, "compare", { same: ["running-slot"] })).rejects.toMatchObject(blames("OSB_COMPARE"));
    await step(context, "compare", { same: ["slots"] });
  });

  test("comparing what nobody remembered is the suite's mistake", async () => {
    await expect(step(contextOf(healthySystem()), "compare", { same: ["slots"] })).rejects.toMatchObject({
      fault: "harness",
      code: "OSB_COMPARE_NOTHING",
    });
  });
});

describe("an image nobody knows the version of", () => {
  const unnamed = (system: System) => {
    const context = contextOf(system);
    Object.assign(context.machine.image.manifest.versions[0]!, { version: "unknown" });
    return context;
  };

  test("is not blamed for its version, but for another one later", async () => {
    const system = healthySystem({ version: "12" });
    const context = unnamed(system);
    await expect(step(context, "check", { version: "current" })).rejects.toMatchObject({
      fault: "not-applicable",
      capability: "known-version",
    });
    await step(context, "check", { version: "current" });
    system.version = "11";
    await expect(step(context, "check", { version: "current" })).rejects.toThrow(
      "the running version is 11, claimed is 12, as it was first seen",
    );
  });

  test("has no words for its versions", async () => {
    await expect(step(unnamed(healthySystem()), "check", { installed: ["current"] })).rejects.toMatchObject({
      capability: "known-version",
    });
  });
});
