import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EscapeFilter } from "../../harness/console/escapes.ts";
import { loadSignatures } from "../../harness/diagnosis/signature.ts";
import { Bus } from "../../harness/machine/bus.ts";
import { Expectations } from "../../harness/machine/expected.ts";
import { LiveMachine } from "../../harness/machine/live-machine.ts";
import { imageManifest } from "../../harness/model/image.ts";
import { temporaryFolder } from "../../harness/model/testdata/temporary.ts";
import { findTarget } from "../../harness/qemu/target.ts";
import { loadBrokenBoots, type BrokenBoot } from "./broken-boots.ts";
import { loadReplays, ReplayHardware, type Replay } from "./replay.ts";
import { describeVerdict } from "./verdict.ts";

const replays = await loadReplays();
const signatures = await loadSignatures();
const boots = (await loadBrokenBoots()).filter(({ id, ends, verdict }) => ends === "failed" && verdict !== undefined && replays.has(id));

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"] }));
afterEach(() => void vi.useRealTimers());

test.each(boots.map((boot) => [boot.id, boot] as const))("%s is still called what it is", async (id, boot) => {
  const folder = temporaryFolder();
  const replay = replays.get(id) as Replay;
  const access = { shell: "none", ...boot.access };
  const manifest = imageManifest.parse({
    image: "replay",
    title: id,
    architectures: ["x86_64"],
    access,
    versions: [{ version: "1", disk: "x" }],
  });
  const target = await findTarget(boot.target);
  const machine = new LiveMachine({
    image: { manifest, name: "replay", folder, digest: "", architecture: "x86_64" },
    hardware: new ReplayHardware(replay, folder, boot.processors),
    expected: await Expectations.load("replay", boot.target, "tcg"),
    bus: new Bus(undefined, "", ""),
    signal: new AbortController().signal,
    ...{ target, accelerator: "tcg", privateKey: "", signatures, attachment: undefined, evidenceFolder: folder },
  });
  const given: { error?: unknown } = {};
  const began = performance.now();
  const ended = machine.boot("ready").catch((thrown: unknown) => void (given.error = thrown));
  while (given.error === undefined) await vi.advanceTimersByTimeAsync(100);
  await ended;
  expect(describeVerdict(given.error)).toBe([boot.verdict, boot.fault, boot.phase].join(", "));
  const proven = provenAt(boot, replay);
  if (proven !== undefined) expect((performance.now() - began - proven) / 1000).toBeLessThan(2);
});

/** When the recording's proof had arrived, in milliseconds from switching on. */
function provenAt({ proof, quiet }: BrokenBoot, { events }: Replay): number | undefined {
  if (proof === undefined) return undefined;
  const filter = new EscapeFilter();
  let text = "";
  for (const [at, what, data] of events) {
    if (what === "said") text += filter.feed(data);
    if (new RegExp(proof, "m").test(text)) return at + quiet * 1000;
  }
  return undefined;
}
