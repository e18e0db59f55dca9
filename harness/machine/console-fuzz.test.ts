import { expect, test } from "vitest";
import { Transcript } from "../console/transcript.ts";
import { Matcher, type Hit } from "../diagnosis/matcher.ts";
import { PhaseReader } from "../diagnosis/phases.ts";
import { SignatureSet } from "../diagnosis/signature-set.ts";
import { loadSignatures } from "../diagnosis/signature.ts";
import { before, type Phase } from "../model/phase.ts";
import { seededRandom } from "../model/testdata/random.ts";

const chunks = Number(process.env["OSBENCH_FUZZ"] ?? 1) * 150_000;

/** What consoles are made of, and what breaks those who read them. */
const pieces = [
  ...[
    "\u001b[",
    "\u001b]0;",
    "\u001b]3008;start=x\u001b\\",
    "\u001bP+q",
    "\u001b",
    "\u0007",
    "\r",
    "\n",
    "\r\n",
    "\u001b[5;9H",
    "\u001b[2J",
    "\u0018",
    "\u0000",
    "\u009b",
  ],
  ...[
    "[    1.234567] ",
    "[  OK  ] ",
    "systemd[1]: ",
    "Kernel panic - not syncing: ",
    "Attempted to kill init!",
    "VFS: Unable to mount root fs",
  ],
  ...["BdsDxe: ", "starting Boot0001 ", "failed to load Boot0001 ", ": Access Denied", "GNU GRUB  version 2", "error: ", "grub rescue> "],
  ...[
    "Linux version 6.12",
    "Run /init as init process",
    "Welcome to Debian GNU/Linux 13!",
    "Switching root",
    "tiny login: ",
    "Reached target emergency.target",
  ],
  ...[
    "rcu: rcu_preempt kthread starved for 5252 jiffies",
    "I/O error, dev vda, sector 1",
    "Please enter passphrase for disk x: ",
    "ü",
    "\u{1f510}",
    "x",
    " ",
    "0",
  ],
].map((text) => Buffer.from(text));

test(
  `${chunks} random and damaged chunks: nothing throws, hangs, grows without bound, or goes back in phase`,
  { timeout: 3_600_000 },
  async () => {
    const random = seededRandom(23);
    const set = new SignatureSet(await loadSignatures(), "line");
    let phase: Phase = "firmware";
    let entered = 0;
    const hits: Hit[] = [];
    let transcript = new Transcript();
    const begin = () => {
      transcript = new Transcript();
      phase = "firmware";
      transcript.read(
        new PhaseReader(
          () => phase,
          (next) => {
            if (!before(phase, next)) throw new Error(`from ${phase} back to ${next}`);
            phase = next;
            entered++;
          },
        ),
      );
      transcript.read(
        new Matcher(
          set,
          (hit) => hits.push(hit),
          () => ({ boot: 1, phase }),
        ),
      );
    };
    let fed = 0;
    for (let count = 0; count < chunks; count++) {
      if (count % 1000 === 0) begin();
      const piece = pieces[Math.floor(random() * pieces.length)] as Buffer;
      const chunk = random() < 0.2 ? damaged(piece, random) : piece;
      fed += chunk.length;
      transcript.feed(chunk);
      if (hits.length > 1000) hits.length = 0;
    }
    expect(transcript.length).toBeLessThanOrEqual(fed * 2);
    expect(entered).toBeGreaterThan(chunks / 1000);
    expect(hits.length).toBeGreaterThan(0);
    for (const { line, byte, offset } of hits) {
      expect(line.length).toBeLessThanOrEqual(1000);
      expect(byte).toBeGreaterThanOrEqual(offset - 1000);
    }
    expect(set.automaton.known).toBeLessThanOrEqual(4000);
  },
);

function damaged(piece: Buffer, random: () => number): Buffer {
  const copy = Buffer.from(piece.subarray(Math.floor(random() * piece.length)));
  if (copy.length > 0) copy[Math.floor(random() * copy.length)] = Math.floor(random() * 256);
  return copy;
}
