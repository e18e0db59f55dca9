import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { end, standIn, type StandIn, type Wire } from "./testdata/stand-in.ts";
import { download, upload } from "./transfer.ts";

const signal = new AbortController().signal;
const content = randomBytes(700_000);

let folder: string;
let file: string;
let guests: StandIn[];
/** Bytes that went each way in each guest's life. */
let sent: number[];
let came: number[];

beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder, "file");
  writeFileSync(file, content);
  guests = [];
  sent = [];
  came = [];
});

afterEach(async () => {
  for (const guest of guests) await end(guest);
});

/** Gives the last shell, or a new guest's when that was lost; every guest but the last dies after so many bytes either way. */
function guestsThatDie(bytes: number): () => Promise<StandIn["shell"]> {
  return async () => {
    const last = guests.at(-1);
    if (last?.shell.usable) return last.shell;
    const index = guests.length;
    const guest = await standIn(temporaryFolder(), "terminal", "dash");
    guests.push(guest);
    [sent[index], came[index]] = [0, 0];
    const count = (counts: number[], length: number) => {
      counts[index] = (counts[index] as number) + length;
      if (index === 0 && (counts[index] as number) > bytes) process.kill(-(guest.process.pid as number), "SIGKILL");
    };
    const { wire }: { wire: Wire } = guest;
    wire.toGuest = (text) => (count(sent, text.length), text);
    wire.toHost = (chunk) => (count(came, chunk.length), chunk);
    return guest.shell;
  };
}

test("a file arrives whole at both ends, with any name", async () => {
  const get = guestsThatDie(Number.POSITIVE_INFINITY);
  const there = join(folder, "it's a name");
  await upload(get, file, there, signal);
  expect(readFileSync(there).equals(content)).toBe(true);
  writeFileSync(file, "");
  await download(get, there, file, signal);
  expect(readFileSync(file).equals(content)).toBe(true);
  writeFileSync(there, "");
  await download(get, there, join(folder, "empty"), signal);
  expect(readFileSync(join(folder, "empty")).length).toBe(0);
  expect(readdirSync(folder).toSorted()).toEqual(["empty", "file", "it's a name"]);
});

test("an upload that lost its line goes on where it was", async () => {
  const there = join(folder, "there");
  await upload(guestsThatDie(600_000), file, there, signal);
  expect(guests).toHaveLength(2);
  expect(readFileSync(there).equals(content)).toBe(true);
  expect(sent[1]).toBeLessThan(content.length);
});

test("a download too, also in a later call", async () => {
  const back = join(folder, "back");
  await download(guestsThatDie(600_000), file, back, signal);
  expect(guests).toHaveLength(2);
  expect(readFileSync(back).equals(content)).toBe(true);
  expect(came[1]).toBeLessThan(content.length);
  const later = join(folder, "later");
  writeFileSync(`${later}.osbench-part`, content.subarray(0, 600_001));
  came[1] = 0;
  await download(async () => (guests[1] as StandIn).shell, file, later, signal);
  expect(readFileSync(later).equals(content)).toBe(true);
  expect(came[1]).toBeLessThan(300_000);
});

test("what lies there from another file is not gone on with", async () => {
  const back = join(folder, "back");
  writeFileSync(`${back}.osbench-part`, Buffer.alloc(600_000));
  await download(guestsThatDie(Number.POSITIVE_INFINITY), file, back, signal);
  expect(readFileSync(back).equals(content)).toBe(true);
});

test("what cannot be done is said, with the guest's words", async () => {
  const get = guestsThatDie(Number.POSITIVE_INFINITY);
  const failed = await upload(get, file, join(folder, "no/such/folder"), signal).catch((reason: unknown) => reason);
  expect(failed).toMatchObject({ code: "OSB_TRANSFER", evidence: { stderr: expect.stringMatching(/no\/such/) } });
  await expect(download(get, join(folder, "nothing"), join(folder, "x"), signal)).rejects.toMatchObject({ code: "OSB_TRANSFER" });
  expect(existsSync(join(folder, "x"))).toBe(false);
});
