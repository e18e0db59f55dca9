import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { Transcript } from "../console/transcript.ts";
import { seededRandom } from "../model/testdata/random.ts";
import { loadYaml } from "../model/yaml.ts";
import type { Phase } from "../model/phase.ts";
import { Matcher, type Hit } from "../diagnosis/matcher.ts";
import { PhaseReader } from "../diagnosis/phases.ts";
import { lookAtScreen } from "../diagnosis/screen.ts";
import { SignatureSet } from "../diagnosis/signature-set.ts";
import { loadSignatures, type Signature } from "../diagnosis/signature.ts";

const signatures = await loadSignatures();
const set = new SignatureSet(signatures, "line");
const screens = new SignatureSet(signatures, "screen");
const testdata = join(import.meta.dirname, "../diagnosis/testdata");
const { lines, harmless } = (
  await loadYaml(
    join(testdata, "lines.yaml"),
    z.strictObject({ lines: z.record(z.string(), z.array(z.string())), harmless: z.array(z.string()) }),
  )
).value;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What a console's bytes are diagnosed as, read in the given pieces; a moment passes after the last. */
function hits(pieces: readonly (string | Uint8Array)[], phase: Phase = "off"): Hit[] {
  const seen: Hit[] = [];
  const matcher = new Matcher(
    set,
    (hit) => seen.push(hit),
    () => ({ boot: 1, phase }),
  );
  const transcript = new Transcript();
  transcript.read(matcher);
  for (const piece of pieces) transcript.feed(Buffer.from(piece));
  vi.advanceTimersByTime(200);
  return seen;
}

const ids = (found: readonly Hit[]) => found.map(({ signature }) => signature.id);
const phaseOf = (signature: Signature) => signature.phase[0] as Phase;

describe("signatures", () => {
  test("each has real lines", () => {
    expect(Object.keys(lines).toSorted()).toEqual(signatures.map(({ id }) => id).toSorted());
    for (const real of Object.values(lines)) expect(real.length).toBeGreaterThan(0);
  });

  test.each(signatures.filter(({ on }) => on === "line").map((signature) => [signature.id, signature] as const))(
    "%s names its lines",
    (id, signature) => {
      const real = lines[id] as string[];
      const { times, after } = signature;
      const each = times === undefined && after === undefined ? real.map((line) => [line]) : [real];
      const told = [...(after?.slice(0, 1) ?? []), id];
      if (after) expect(ids(hits(real.slice(1), phaseOf(signature)))).toEqual([]);
      for (const some of each) {
        const text = Buffer.from(some.join("\r\n"));
        const phase = phaseOf(signature);
        expect(ids(hits([text], phase))).toEqual(told);
        const coloured = `\u001b[1;31m${some.join("\u001b[0m\u001b[K\r\n\u001b[0;1;39m")}\u001b[0m`;
        expect(ids(hits([coloured], phase))).toEqual(told);
        for (let cut = 1; cut < text.length; cut++) expect(ids(hits([text.subarray(0, cut), text.subarray(cut)], phase))).toEqual(told);
      }
    },
  );

  test.each(signatures.filter(({ on }) => on === "screen").map((signature) => [signature.id, signature] as const))(
    "%s names its screen",
    (id, signature) => {
      for (const row of lines[id] as string[]) {
        const screen = `\n some title\n${row}\n\n`;
        const hit = lookAtScreen(screens, screen, { boot: 1, phase: phaseOf(signature) }, { offset: 0, byte: 0 });
        expect(hit).toMatchObject({ signature: { id }, line: row.trim() });
      }
    },
  );

  test.each(harmless)("means nothing: %s", (line) => {
    for (const phase of ["initrd", "userspace", "ready"] as const) expect(ids(hits([`${line}\r\n`], phase))).toEqual([]);
    if (!line.startsWith("error:")) expect(ids(hits([`${line}\r\n`], "firmware"))).toEqual([]);
  });

  test.each(["tiny.raw.gz", "debian-ab.raw.gz"])("a good boot bears none: %s", (name) => {
    const bytes = gunzipSync(readFileSync(join(testdata, name)));
    const seen: Hit[] = [];
    let phase: Phase = "firmware";
    const transcript = new Transcript();
    transcript.read(
      new PhaseReader(
        () => phase,
        (next) => (phase = next),
      ),
    );
    transcript.read(
      new Matcher(
        set,
        (hit) => seen.push(hit),
        () => ({ boot: 1, phase }),
      ),
    );
    for (let at = 0; at < bytes.length; at += 100) transcript.feed(bytes.subarray(at, at + 100));
    vi.advanceTimersByTime(200);
    expect(ids(seen)).toEqual([]);
  });
});

describe("Matcher", () => {
  test("says where a line stands in the text and in the recording, and when", () => {
    vi.setSystemTime(5000);
    const [hit] = hits(["\u001b[2Jü first\r\n\u001b[1mKernel panic", " - not syncing: x\r\n"], "initrd");
    expect(hit).toMatchObject({ line: "Kernel panic - not syncing: x", offset: 8, byte: 14, boot: 1, phase: "initrd", at: 5000 });
  });

  test("tells a line once, however it grows, and what it is really about at its end", () => {
    const seen: string[] = [];
    const matcher = new Matcher(
      set,
      ({ signature }) => seen.push(signature.id),
      () => ({ boot: 1, phase: "kernel" }),
    );
    const transcript = new Transcript();
    transcript.read(matcher);
    for (const part of ["Kernel panic - not syncing", ": VFS: Unable", " to mount root fs", " on x"]) {
      transcript.feed(Buffer.from(part));
      vi.advanceTimersByTime(1000);
    }
    transcript.feed(Buffer.from("\n"));
    expect(seen).toEqual(["kernel-panic", "root-unknown"]);
    expect(ids(hits(["Kernel panic - not syncing: VFS: Unable to mount root fs\n"]))).toEqual(["root-unknown"]);
  });

  test("a prompt is told when it stands for a moment", () => {
    const found: Hit[] = [];
    const matcher = new Matcher(
      set,
      (hit) => found.push(hit),
      () => ({ boot: 1, phase: "initrd" }),
    );
    matcher.part("(initramfs) ", 0, 0, false);
    expect(found).toEqual([]);
    vi.advanceTimersByTime(150);
    expect(ids(found)).toEqual(["initramfs-shell"]);
  });

  test("what belongs to an earlier phase is not met in a later one; a console may lag behind", () => {
    expect(ids(hits(["error: no such device: x.\n"], "userspace"))).toEqual([]);
    const [lagging] = hits(["Kernel panic - not syncing: x\n"], "loader");
    expect(lagging).toMatchObject({ phase: "kernel" });
    expect(hits(["Kernel panic - not syncing: x\n"], "crashed")).toEqual([]);
  });

  test("what counts from its nth time is counted anew in every boot", () => {
    let boot = 1;
    const seen: Hit[] = [];
    const matcher = new Matcher(
      set,
      (hit) => seen.push(hit),
      () => ({ boot, phase: "userspace" }),
    );
    const say = (times: number) => {
      for (let count = 0; count < times; count++) matcher.part("tiny login: ", 0, 0, true);
    };
    say(5);
    boot = 2;
    say(5);
    expect(seen).toEqual([]);
    say(1);
    expect(ids(seen)).toEqual(["getty-restarts"]);
  });

  test("random and damaged text: no throw, no hang, bounded memory, the same hits however it is cut", { timeout: 600_000 }, () => {
    const random = seededRandom(5);
    const real = Object.values(lines).flat();
    const rounds = Number(process.env["OSBENCH_FUZZ"] ?? 1) * 150;
    let bytes = 0;
    for (let round = 0; round < rounds; round++) {
      const text = Array.from({ length: 20 }, () => real[Math.floor(random() * real.length)] as string).join(
        random() < 0.5 ? "\r\n" : "\u001b[5;9H",
      );
      const damaged = Buffer.from(text);
      for (let count = Math.floor(random() * 20); count > 0; count--)
        damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256);
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < damaged.length;) {
        const size = 1 + Math.floor(random() * 30);
        pieces.push(damaged.subarray(at, at + size));
        at += size;
      }
      bytes += damaged.length;
      const whole = hits([damaged], "kernel").map(({ signature, offset, byte, line }) => [signature.id, offset, byte, line]);
      expect(hits(pieces, "kernel").map(({ signature, offset, byte, line }) => [signature.id, offset, byte, line])).toEqual(whole);
    }
    expect(bytes).toBeGreaterThan(rounds * 500);
  });
});
