import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { seededRandom } from "../model/testdata/random.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import type { GuestShell } from "./guest-shell.ts";
import { end, shellNames, standIn, type StandIn } from "./testdata/stand-in.ts";

const seed = Number(process.env["OSBENCH_FUZZ_SEED"] ?? Date.now() % 1_000_000_000);
const random = seededRandom(seed);

describe.each(shellNames)(`%s on a noisy terminal (seed ${seed})`, (name) => {
  let folder: string;
  let guest: StandIn;
  let shell: GuestShell;

  beforeEach(async () => {
    folder = temporaryFolder();
    guest = await standIn(folder, "terminal", name);
    shell = guest.shell;
  });

  afterEach(async () => {
    guest.wire.toGuest = (text) => text;
    await end(guest);
  });

  test("kernel lines in the middle of everything change nothing", async () => {
    guest.wire.toHost = (chunk) => inserted(chunk, 0.3, () => `[ ${Math.floor(random() * 1e4)}.123456] usb 1-1: a [kernel] line+/=\r\n`);
    await exercise(shell);
    expect(shell.usable).toBe(true);
  });

  test("what cannot be told apart is asked for again", async () => {
    guest.wire.toHost = (chunk) => inserted(chunk, 0.06, () => "systemd[1]: abcd\r\n");
    await exerciseUntilResent(shell);
    expect(shell.resent).toBeGreaterThan(0);
  });

  test("lost and changed bytes on the way back too", async () => {
    guest.wire.toHost = (chunk) => (random() < 0.05 ? changed(chunk) : chunk);
    await exerciseUntilResent(shell);
    expect(shell.resent).toBeGreaterThan(0);
  });

  test("damaged both ways, a command runs once, and never as something else", async () => {
    guest.wire.toHost = (chunk) => (random() < 0.05 ? changed(chunk) : chunk);
    guest.wire.toGuest = (text) => (random() < 0.1 ? changed(Buffer.from(text, "latin1")).toString("latin1") : text);
    for (let index = 0; index < 40; index++) {
      const result = await shell.run(`echo ${index} >>${folder}/done; echo did ${index}`);
      expect(result).toMatchObject({ code: 0, stdout: `did ${index}\n`, stderr: "" });
    }
    expect(readFileSync(join(folder, "done"), "latin1")).toBe(Array.from({ length: 40 }, (_, index) => `${index}\n`).join(""));
    await exerciseUntilResent(shell);
    expect(shell.resent).toBeGreaterThan(0);
  });

  test("an answer that is damaged over and over is asked for again at once, every time", async () => {
    const usual = await took(() => shell.run("echo did it; :"));
    let left = 6;
    guest.wire.toHost = (chunk) => {
      const text = chunk.toString("latin1");
      const [answer, rest] = [" 0 7 0 did it^", text.indexOf(" 0 7 0 did it^")];
      return rest < 0 || left-- <= 0 ? chunk : Buffer.from(text.replace(answer, " 0 7 0 did at^"), "latin1");
    };
    const started = performance.now();
    expect((await shell.run("echo did it; :")).stdout).toBe("did it\n");
    expect(left).toBeLessThanOrEqual(0);
    // A second for each would be a wait.
    expect(performance.now() - started).toBeLessThan(5000 + 10 * usual);
  });

  test("a question answered under a damaged name is asked again, and that answer counts", async () => {
    const usual = await took(() => shell.run("echo one"));
    let damaged = 0;
    guest.wire.toGuest = (text) => (damaged === 0 && /^q\w+ echo/.test(text) && ++damaged ? text.replace(/^q\w+/, "qx") : text);
    const started = performance.now();
    expect((await shell.run("echo one")).stdout).toBe("one\n");
    expect(damaged).toBe(1);
    expect(performance.now() - started).toBeLessThan(6000 + 10 * usual);
  });

  test("a request that the guest refuses while another's answer comes is not waited for", async () => {
    const lines = Array.from({ length: 150_000 }, (_, index) => `${index + 1}\n`).join("");
    const usual = await took(() => shell.run("seq 1 150000"));
    let [asked, refused] = [0, 0];
    guest.wire.toGuest = (text) => {
      if (!/^f\w+\.\S+ \S+ \S+\/o\d+ /.test(text) || asked++ % 2 === 0 || refused >= 8) return text;
      refused++;
      return text.replace(/\d+\n$/, "0\n");
    };
    const started = performance.now();
    expect((await shell.run("seq 1 150000")).stdout === lines).toBe(true);
    expect(refused).toBe(8);
    // Silence is a second each time.
    expect(performance.now() - started).toBeLessThan(5000 + 2 * usual);
  });

  test.each(["stty sane </dev/tty", "stty echo onlcr </dev/tty", "stty raw </dev/tty", "stty -icanon min 20 time 0 </dev/tty"])(
    "a command that changes the terminal does not disturb the next: %s",
    async (command) => {
      await shell.run(command);
      for (const index of [1, 2, 3])
        expect(await shell.run(`echo "a  ${index}"; printf 'e\\t\\r\\n' >&2`)).toMatchObject({
          stdout: `a  ${index}\n`,
          stderr: "e\t\r\n",
        });
      expect((await shell.run("cat", { stdin: "x\u0003\u0004\u0011y" })).stdout).toBe("x\u0003\u0004\u0011y");
    },
  );

  test("says at once that a login prompt stands where the shell was", async () => {
    const waiting = shell.run("sleep 60");
    await new Promise((resolve) => setTimeout(resolve, 300));
    guest.wire.toGuest = () => "";
    const started = performance.now();
    guest.wire.say(Buffer.from("\r\n\r\nbox login: "));
    await expect(waiting).rejects.toMatchObject({ code: "OSB_SHELL_LOST", message: expect.stringMatching(/login prompt/) });
    // Not after all the times a silent guest is asked again.
    expect(performance.now() - started).toBeLessThan(30_000);
    expect(shell.usable).toBe(false);
  });

  test("a command that only prints a login prompt on the terminal is believed to run on", async () => {
    expect((await shell.run("printf '\\nbox login: ' >/dev/tty; sleep 1; echo done")).stdout).toBe("done\n");
  });
});

test.each(shellNames)("%s without base64 and without any sum", async (name) => {
  const guest = await standIn(temporaryFolder(), "terminal", name, {
    without: name === "busybox" ? ["cksum"] : ["base64", "sha256sum", "cksum"],
  });
  try {
    guest.wire.toHost = (chunk) => inserted(chunk, 0.02, () => "ab");
    await exercise(guest.shell);
    expect(guest.shell.usable).toBe(true);
  } finally {
    await end(guest);
  }
});

/** Commands of every kind, each with its right answer. */
async function exercise(shell: GuestShell): Promise<void> {
  for (let index = 0; index < 8; index++) {
    expect(await shell.run(`echo word ${index}`)).toMatchObject({ code: 0, stdout: `word ${index}\n`, stderr: "" });
    expect(await shell.run(`echo 'o ${index}'; echo e >&2; exit ${index}`)).toMatchObject({
      code: index,
      stdout: `o ${index}\n`,
      stderr: "e\n",
    });
    expect(await shell.run(`printf '[   1.00000${index}] x\\n\\000'`)).toMatchObject({ code: 0, stdout: `[   1.00000${index}] x\n\0` });
  }
  const bytes = Buffer.from(Array.from({ length: 30_000 }, () => Math.floor(random() * 256)));
  const copied = await shell.run("cat", { stdin: bytes });
  expect(Buffer.compare(copied.stdoutBytes, bytes)).toBe(0);
  const lines = Array.from({ length: 3000 }, (_, index) => `${index + 1}\n`).join("");
  expect((await shell.run("seq 1 3000")).stdout === lines).toBe(true);
}

/** Where the line is cut into chunks, and so what is damaged of them, is this host's doing: now and then nothing was hit that mattered. */
async function exerciseUntilResent(shell: GuestShell): Promise<void> {
  for (let times = 0; times < 20 && (times === 0 || shell.resent === 0); times++) await exercise(shell);
}

/** Milliseconds. What is compared with them holds on any host. */
async function took(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function inserted(chunk: Buffer, chance: number, text: () => string): Buffer {
  if (random() >= chance) return chunk;
  const at = Math.floor(random() * (chunk.length + 1));
  return Buffer.concat([chunk.subarray(0, at), Buffer.from(text()), chunk.subarray(at)]);
}

/** A byte lost, or another in its place. */
function changed(chunk: Buffer): Buffer {
  const at = Math.floor(random() * chunk.length);
  const instead = random() < 0.5 ? [] : [33 + Math.floor(random() * 90)];
  return Buffer.concat([chunk.subarray(0, at), Buffer.from(instead), chunk.subarray(at + 1)]);
}
