import { PassThrough, type Duplex } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Console } from "../console/console.ts";
import type { Hit } from "../diagnosis/matcher.ts";
import { loadSignatures } from "../diagnosis/signature.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { BootLog } from "./boot-log.ts";
import { Observer } from "./observer.ts";

const signatures = await loadSignatures();

let line: Duplex;
let log: BootLog;
let console_: Console;
let observer: Observer;
const hits: Hit[] = [];
const asked: Hit[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  hits.length = asked.length = 0;
  line = new PassThrough();
  // What is typed goes nowhere: only what the guest says comes back.
  line.write = () => true;
  console_ = new Console(temporaryFolder(), "test");
  console_.attach(line);
  log = new BootLog();
  observer = new Observer(console_, log, signatures, { hit: (hit) => hits.push(hit), asked: (hit) => asked.push(hit) });
  log.begin(0);
});

afterEach(() => {
  observer.close();
  console_.close();
  vi.useRealTimers();
});

const say = async (text: string) => {
  line.emit("data", Buffer.from(text));
  await vi.advanceTimersByTimeAsync(20);
};
const after = async (seconds: number) => void (await vi.advanceTimersByTimeAsync(seconds * 1000));
const ids = () => hits.map(({ signature }) => signature.id);

/** GRUB draws its menu with cursor movement: no line of it ever ends. */
const grubMenu = (seconds: number) =>
  `\u001b[H\u001b[2J\u001b[1;30HGNU GRUB  version 2.12-9+deb13u1\u001b[4;2H│*Debian GNU/Linux\u001b[20;3HThe highlighted entry will be executed automatically in ${seconds}s.`;

test("a menu that stands is found on the screen; one that counts down is not", async () => {
  for (let second = 20; second > 0; second--) {
    await say(grubMenu(second));
    await after(1);
  }
  expect(ids()).toEqual([]);
  await after(14);
  expect(ids()).toEqual(["grub-menu"]);
  expect(hits[0]).toMatchObject({ boot: 1, phase: "loader", line: "│*Debian GNU/Linux" });
});

test("a menu that was left is not", async () => {
  await say(grubMenu(1));
  await after(5);
  await say("\u001b[H\u001b[2JLoading Linux 6.12 ...\r\n");
  await after(60);
  expect(ids()).toEqual([]);
});

test("a question is known when it is asked, and counts when it has stood; a new phase answers it", async () => {
  await say("[    5.1] Run /init as init process\r\nPlease enter passphrase for disk root: ");
  await after(1);
  expect(asked.map(({ signature }) => signature.id)).toEqual(["passphrase-prompt"]);
  log.enter("userspace");
  await after(60);
  expect(ids()).toEqual([]);
  await say("\r\nPlease enter passphrase for disk data: ");
  await after(11);
  expect(ids()).toEqual(["passphrase-prompt"]);
  expect(hits[0]).toMatchObject({ phase: "userspace" });
});

test("a sign belongs to the phase its own line begins, and counts at once", async () => {
  await say("[    0.000000] Linux version 6.12\r\n[    1.0] Kernel panic - not syncing: x\r\n");
  expect(hits).toMatchObject([{ signature: { id: "kernel-panic" }, phase: "kernel", line: "[    1.0] Kernel panic - not syncing: x" }]);
});

test("the longest silence of each phase is known", async () => {
  await after(3);
  await say('BdsDxe: starting Boot0001 "x"\r\n');
  await after(5);
  await say("x");
  await after(2);
  await say("x");
  const { firmware = 0, loader = 0 } = observer.silences();
  expect([Math.round(firmware / 1000), Math.round(loader / 1000)]).toEqual([3, 5]);
});
