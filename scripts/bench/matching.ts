import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { Transcript } from "../../harness/console/transcript.ts";
import { Matcher } from "../../harness/diagnosis/matcher.ts";
import { PhaseReader } from "../../harness/diagnosis/phases.ts";
import { SignatureSet } from "../../harness/diagnosis/signature-set.ts";
import { loadSignatures } from "../../harness/diagnosis/signature.ts";
import type { Phase } from "../../harness/model/phase.ts";

export interface MatchingBench {
  readonly signatures: number;
  /** Microseconds a kB: signatures alone, in the first boot a process reads and in later ones. */
  readonly first: number;
  readonly later: number;
  /** Microseconds a kB of the whole way from bytes to signs: escapes, lines, phases, signatures. */
  readonly whole: number;
  /** Bytes a second of the recorded boot, and the share of a core that matching and the whole way take at that rate. */
  readonly rate: number;
  readonly share: number;
  readonly wholeShare: number;
  /** Signatures loaded, checked and compiled, in milliseconds. */
  readonly loadMs: number;
}

export function matchingWords({ signatures, first, later, whole, rate, share, wholeShare, loadMs }: MatchingBench): string {
  const percent = (one: number) => `${(one * 100).toFixed(4)} %`;
  return [
    `${signatures} signatures, loaded in ${loadMs.toFixed(0)} ms`,
    `matching: ${first.toFixed(1)} µs/kB in the first boot read, ${later.toFixed(1)} µs/kB in later ones`,
    `escapes, lines, phases and matching: ${whole.toFixed(1)} µs/kB`,
    `at a boot's ${(rate / 1000).toFixed(1)} kB/s: ${percent(share)} of a core matching, ${percent(wholeShare)} all of it`,
  ].join("\n");
}

const testdata = join(import.meta.dirname, "../../harness/diagnosis/testdata");
/** What the recorded boots took from switching on to the login prompt, in seconds: under emulation, on two cores. */
const recordings = [
  { file: "tiny.raw.gz", seconds: 15 },
  { file: "debian-ab.raw.gz", seconds: 50 },
] as const;
/** As they come from a unix socket. */
const chunkBytes = 64;

/** Feeds recorded consoles to what reads consoles, chunk by chunk, and measures processor time. */
export async function benchMatching(rounds: number): Promise<MatchingBench> {
  const began = performance.now();
  const signatures = await loadSignatures();
  const loadMs = performance.now() - began;
  const boots = await Promise.all(
    recordings.map(async ({ file, seconds }) => ({ seconds, bytes: gunzipSync(await readFile(join(testdata, file))) })),
  );
  const bytes = boots.reduce((sum, boot) => sum + boot.bytes.length, 0);
  const perKb = (ms: number, times: number) => (ms * 1000) / ((bytes * times) / 1000);

  const parts = boots.map((boot) => partsOf(boot.bytes));
  const set = new SignatureSet(signatures, "line");
  const match = () => {
    for (const boot of parts) {
      const matcher = new Matcher(
        set,
        () => {},
        () => ({ boot: 1, phase: "kernel" }),
      );
      for (const [text, offset, byte, ended] of boot) matcher.part(text, offset, byte, ended);
      matcher.close();
    }
  };
  const first = perKb(timed(match), 1);
  const later = perKb(
    timed(() => repeat(rounds, match)),
    rounds,
  );
  const everything = () => {
    for (const boot of boots) readAll(boot.bytes, set);
  };
  everything();
  const whole = perKb(
    timed(() => repeat(rounds, everything)),
    rounds,
  );
  const rate = Math.max(...boots.map((boot) => boot.bytes.length / boot.seconds));
  const share = (us: number) => (us * rate) / 1000 / 1e6;
  return { signatures: signatures.length, first, later, whole, rate, share: share(first), wholeShare: share(whole), loadMs };
}

type Part = readonly [text: string, offset: number, byte: number, ended: boolean];

function partsOf(bytes: Uint8Array): Part[] {
  const parts: Part[] = [];
  const transcript = new Transcript();
  transcript.read({ part: (...part) => void parts.push(part) });
  feed(transcript, bytes);
  return parts;
}

function readAll(bytes: Uint8Array, set: SignatureSet): void {
  const transcript = new Transcript();
  let phase: Phase = "firmware";
  transcript.read(
    new PhaseReader(
      () => phase,
      (next) => (phase = next),
    ),
  );
  const matcher = new Matcher(
    set,
    () => {},
    () => ({ boot: 1, phase }),
  );
  transcript.read(matcher);
  feed(transcript, bytes);
  matcher.close();
}

function feed(transcript: Transcript, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += chunkBytes) transcript.feed(bytes.subarray(at, at + chunkBytes));
}

function repeat(times: number, work: () => void): void {
  for (let count = 0; count < times; count++) work();
}

/** Processor time in milliseconds: what others on this machine do does not count. */
function timed(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
