import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EscapeFilter } from "../../harness/console/escapes.ts";
import { loadSignatures } from "../../harness/diagnosis/signature.ts";
import { Bus } from "../../harness/machine/bus.ts";
import { Expectations } from "../../harness/machine/expected.ts";
import { LiveMachine } from "../../harness/machine/live-machine.ts";
import { imageManifest } from "../../harness/model/image.ts";
import { temporaryFolder } from "../../harness/model/testdata/temporary.ts";
import { findTarget } from "../../harness/machine/targets.ts";
import { loadBrokenBoots, type BrokenBoot } from "./broken-boots.ts";
import { loadReplays, ReplayHardware, type Replay } from "./replay.ts";
import { describeSigns, describeVerdict, wantedOf } from "./verdict.ts";

const replays = await loadReplays();
const signatures = await loadSignatures();
const boots = (await loadBrokenBoots()).filter(({ id, ends }) => ends !== "shell" && replays.has(id));

beforeEach(() => {
  vi.stubEnv("XDG_CACHE_HOME", temporaryFolder());
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

test.each(boots.map((boot) => [boot.id, boot] as const))("%s is still called what it is", async (id, boot) => {
  const replay = replays.get(id) as Replay;
  const machine = await machineThatSays(replay, boot);
  const given: { error?: unknown; over?: boolean } = {};
  const began = performance.now();
  const ended = machine
    .boot("ready")
    .catch((thrown: unknown) => void (given.error = thrown))
    .finally(() => (given.over = true));
  while (!given.over) await vi.advanceTimersByTimeAsync(100);
  await ended;
  const wanted = wantedOf(boot);
  expect(
    boot.ends === "ready" && given.error === undefined ? describeSigns(machine, wanted) : describeVerdict(given.error, boot.says),
  ).toBe(wanted);
  const proven = boot.ends === "failed" ? provenAt(boot, replay) : undefined;
  if (proven !== undefined) expect((performance.now() - began - proven) / 1000).toBeLessThan(2);
  await machine[Symbol.asyncDispose]();
});

/** Nobody can talk to what a recording runs on: its login prompt is all there is of being ready. */
async function machineThatSays(replay: Replay, boot: BrokenBoot): Promise<LiveMachine> {
  const folder = temporaryFolder();
  const access = { shell: "none", serial: { user: "root", password: "" } };
  const versions = [{ version: "1", disk: "x" }];
  const manifest = imageManifest.parse({ image: "replay", title: boot.what, architectures: ["x86_64"], access, versions });
  return new LiveMachine({
    image: { manifest, name: "replay", folder, digest: "", architecture: "x86_64" },
    hardware: new ReplayHardware(replay, folder, boot.processors),
    expected: await Expectations.load("replay", boot.target, "tcg"),
    bus: new Bus(undefined, "", ""),
    signal: new AbortController().signal,
    target: await findTarget(boot.target),
    ...{ accelerator: "tcg", privateKey: "", signatures, attachment: undefined, evidenceFolder: folder },
  });
}

/** When the recording's proof had arrived, with the silence that belongs to it, in milliseconds from switching on. */
function provenAt({ proof, quiet }: BrokenBoot, { events }: Replay): number | undefined {
  if (proof === undefined) return undefined;
  const filter = new EscapeFilter();
  let text = "";
  let proven = false;
  for (const [index, [at, what, data]] of events.entries()) {
    if (what === "said") text += filter.feed(data);
    proven ||= new RegExp(proof, "m").test(text);
    const next = events[index + 1]?.[0] ?? Infinity;
    if (proven && next - at >= quiet * 1000) return at + quiet * 1000;
  }
  return undefined;
}
