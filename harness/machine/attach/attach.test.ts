import { EventEmitter, once } from "node:events";
import { statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { duplexPair, type Duplex } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Hardware } from "../../model/hardware.ts";
import type { CommandResult } from "../../model/shell.ts";
import type { Machine } from "../machine.ts";
import { attachSocket, sshCommand } from "./attachment.ts";
import { Attached } from "./attached.ts";
import { meetMachine, meetMachines } from "./find.ts";
import { AttachPoint } from "./point.ts";

// A workspace as a machine's: findable by its name, entered by its owner alone.
let folder: string;
let guest: Duplex;
let life: AbortController;
const met: Attached[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), `osb-vm-${process.pid}-`));
  life = new AbortController();
});
afterEach(async () => {
  for (const one of met.splice(0)) one[Symbol.dispose]();
  life.abort();
  await rm(folder, { recursive: true, force: true });
});

async function open(options: { writable: boolean; image?: string; folder?: string }): Promise<AttachPoint> {
  const workspace = options.folder ?? folder;
  const [host, other] = duplexPair();
  guest = other;
  const hardware = {
    workspace,
    events: new EventEmitter(),
    onSerial: (attach: (line: Duplex) => void) => attach(host),
    sshAddress: async () => ({ host: "127.0.0.1", port: 2222 }),
  } as unknown as Hardware;
  const access = { shell: "credential", ssh: { user: "core" } } as const;
  const point = await AttachPoint.open({ hardware, cell: "a.cell", access, privateKey: "secret\n", writable: options.writable });
  const run = async (command: string): Promise<Partial<CommandResult>> => {
    if (command === "lost") throw new Error("the line was lost");
    return { code: 7, stdoutBytes: Buffer.from([0, 255]), stderr: `ran ${command}` };
  };
  point.serve({
    image: { name: options.image ?? "some/image", manifest: { access } },
    target: { target: "x86_64" },
    phase: "ready",
    signal: life.signal,
    shell: async () => ({ run }),
  } as unknown as Machine);
  return point;
}

async function meet(): Promise<Attached> {
  const one = await Attached.at(join(folder, attachSocket));
  met.push(one);
  return one;
}

const heard = (one: Attached) => {
  let text = "";
  one.listen((bytes) => (text += Buffer.from(bytes).toString()));
  return () => text;
};
const factsWhere = (one: Attached, holds: () => boolean) =>
  new Promise<void>((resolve) => (holds() ? resolve() : one.onFacts(() => holds() && resolve())));
const pause = (point: AttachPoint, forMs?: number, signal: AbortSignal = new AbortController().signal) =>
  point.pause("it failed", { signal, forMs });

test("says what it is, and how to log in with a key that nobody else may read", async () => {
  await open({ writable: true });
  const { facts } = await meet();
  expect(facts).toMatchObject({ image: "some/image", target: "x86_64", cell: "a.cell", phase: "ready", pid: process.pid, writable: true });
  expect(facts.name).toMatch(/^some-image-[0-9a-f]{4}$/);
  expect(facts.ways).toEqual(["channel", "ssh"]);
  expect(sshCommand(facts.ssh!)).toMatch(new RegExp(`^ssh -i ${join(folder, "key")} .*-p 2222 .*core@127.0.0.1$`));
  expect(statSync(join(folder, "key")).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o077).toBe(0);
});

test("several people see the line, those who come late its last screenful, and what one types reaches the guest", async () => {
  await open({ writable: true });
  const [first, second] = [await meet(), await meet()];
  const [one, two] = [heard(first), heard(second)];
  guest.write("hello\n");
  await expect.poll(() => one() + two()).toBe("hello\nhello\n");
  guest.write(`${"old line\n".repeat(4000)}login: `);
  await expect.poll(() => two().endsWith("login: ")).toBe(true);
  expect(one().length).toBe(36_013);
  const late = heard(await meet());
  await expect.poll(late).toMatch(/^old line\n(?:old line\n)*login: $/);
  expect(late().length).toBeLessThan(17_000);
  first.write(Buffer.from([0x72, 0xff, 0x0d]));
  expect((await once(guest, "data"))[0]).toEqual(Buffer.from([0x72, 0xff, 0x0d]));
});

test("runs commands, and says why it cannot", async () => {
  await open({ writable: true });
  const one = await meet();
  expect(await one.run("true", undefined)).toEqual({ code: 7, stdout: Buffer.from([0, 255]), stderr: Buffer.from("ran true") });
  await expect(one.run("lost", undefined)).rejects.toThrow("the line was lost");
});

test("while a test runs people may look and nothing else; while it is paused they may type", async () => {
  const point = await open({ writable: false });
  const one = await meet();
  one.write(Buffer.from("typed into a test"));
  await expect(one.run("reboot", undefined)).rejects.toThrow("a test runs on this machine");
  expect(guest.read()).toBeNull();
  const paused = pause(point);
  await factsWhere(one, () => one.facts.paused !== undefined);
  expect(one.facts).toMatchObject({ paused: "it failed", writable: true });
  expect((await one.run("true", undefined)).code).toBe(7);
  one.release();
  expect(await paused).toBe("released");
  await factsWhere(one, () => one.facts.paused === undefined);
  await expect(one.run("true", undefined)).rejects.toThrow("a test runs on this machine");
});

test("a pause ends when the last one who watched leaves, but not when a mere visitor does, or one who only steps out", async () => {
  const point = await open({ writable: false });
  const paused = pause(point);
  let ended: string | undefined;
  void paused.then((how) => (ended = how));
  const [asker, stepsOut, first, last] = [await meet(), await meet(), await meet(), await meet()];
  for (const one of [stepsOut, first, last]) one.listen(() => {});
  stepsOut.detach();
  for (const one of [asker, stepsOut, first]) {
    one[Symbol.dispose]();
    await one.gone;
  }
  const witness = await meet();
  expect([ended, witness.facts.paused]).toEqual([undefined, "it failed"]);
  last[Symbol.dispose]();
  expect(await paused).toBe("left");
});

test("a pause ends at its time, with its test, and with its machine", async () => {
  const point = await open({ writable: false });
  expect(await pause(point, 20)).toBe("time");
  const test = new AbortController();
  const waiting = pause(point, undefined, test.signal);
  test.abort();
  expect(await waiting).toBe("ended");
  const one = await meet();
  const again = pause(point);
  life.abort();
  expect(await again).toBe("ended");
  await one.gone;
  await expect(one.run("true", undefined)).rejects.toThrow("gone");
});

test("machines are found by their own name or their image's, and what is meant must be clear", async () => {
  await open({ writable: true, image: "one" });
  const second = await mkdtemp(join(tmpdir(), `osb-vm-${process.pid}-`));
  try {
    await open({ writable: true, image: "two", folder: second });
    const all = await meetMachines();
    met.push(...all);
    const nameOf = (image: string) => all.find(({ facts }) => facts.image === image)?.facts.name ?? "";
    const [one, two] = [nameOf("one"), nameOf("two")];
    const found = await meetMachine("two");
    met.push(found);
    expect(found.facts.name).toBe(two);
    await expect(meetMachine(`${one}x`)).rejects.toThrow(`no running machine is called "${one}x"\n  did you mean "${one}"?`);
    await rm(join(second, attachSocket));
    const third = await open({ writable: true, image: "one", folder: second });
    await expect(meetMachine("one")).rejects.toThrow(
      `2 machines run "one"\n  Name one of them: ${[one, (await third.facts()).name].sort().join(", ")}`,
    );
  } finally {
    await rm(second, { recursive: true });
  }
});

test("who watches and does not read is shown out, and nobody else notices", async () => {
  await open({ writable: true });
  const one = await meet();
  const text = heard(one);
  const lazy = connect(join(folder, attachSocket));
  lazy.write('{"type":"watch"}\n');
  await once(lazy, "readable");
  const closed = once(lazy, "close");
  guest.write("x");
  await expect.poll(text).toBe("x");
  for (let length = 1; length < 16 << 20; length += 1 << 20) {
    guest.write(Buffer.alloc(1 << 20, "y"));
    await expect.poll(() => text().length, { interval: 5 }).toBe(length + (1 << 20));
  }
  lazy.resume();
  await closed;
});

test("nonsense at the socket changes nothing", async () => {
  await open({ writable: true });
  const one = await meet();
  const rude = connect(join(folder, attachSocket));
  rude.write("\x00\xff not json\n[]\nnull\n{}\n");
  await once(rude, "data");
  rude.destroy();
  expect((await one.run("true", undefined)).code).toBe(7);
});
