import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { InputError } from "../model/errors.ts";
import { claimMachine, withLock } from "./lock.ts";

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** Another process that holds a lock until it is killed. */
async function holder(name: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "testdata/hold-lock.ts"), name], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  await once(child.stdout, "data");
  return child;
}

test("a second run on this host is refused, and told who has it", async () => {
  const name = `test-${process.pid}-claim`;
  const child = await holder(name);
  const claim = claimMachine("osbench run suites/boot", name);
  await expect(claim).rejects.toThrow(InputError);
  await expect(claim).rejects.toMatchObject({ code: "OSB_HOST_TAKEN", holder: { pid: child.pid, command: expect.any(String) } });
  await expect(claim).rejects.toThrow(`process ${child.pid}`);
});

test("a claim ends with its holder, even by SIGKILL", async () => {
  const name = `test-${process.pid}-killed`;
  const child = await holder(name);
  child.kill("SIGKILL");
  await once(child, "close");
  const claim = await claimMachine("osbench run", name);
  expect(claim.name).toBe(name);
  await claim[Symbol.asyncDispose]();
  await (await claimMachine("osbench run", name))[Symbol.asyncDispose]();
});

test("who waits for the host gets it at the holder's end, and is told who that is", async () => {
  const name = `test-${process.pid}-patient`;
  const child = await holder(name);
  const said: string[] = [];
  const progress = (line: string) => {
    said.push(line);
    child.kill("SIGKILL");
  };
  await (await claimMachine("osbench run", name, { progress }))[Symbol.asyncDispose]();
  expect(said).toEqual([expect.stringContaining(`process ${child.pid}`)]);
});

test("waiting for the host ends when asked to", async () => {
  const name = `test-${process.pid}-impatient`;
  await holder(name);
  const controller = new AbortController();
  const progress = () => controller.abort(new Error("Ctrl-C"));
  await expect(claimMachine("osbench run", name, { progress, signal: controller.signal })).rejects.toThrow("Ctrl-C");
});

test("withLock waits for the holder's end and says for whom", async () => {
  const name = `test-${process.pid}-wait`;
  const child = await holder(name);
  const said: string[] = [];
  const progress = (line: string) => {
    said.push(line);
    child.kill("SIGKILL");
  };
  expect(await withLock(name, "building", { progress }, () => Promise.resolve("built"))).toBe("built");
  expect(said).toEqual([expect.stringContaining(`process ${child.pid}`)]);
});

test("withLock lets only one work at a time in this process too, and lets go when work throws", async () => {
  const name = `test-${process.pid}-turns`;
  let inside = 0;
  let most = 0;
  const turn = async () => {
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside--;
  };
  await Promise.all(Array.from({ length: 5 }, () => withLock(name, "turn", {}, turn)));
  expect(most).toBe(1);
  await expect(withLock(name, "turn", {}, () => Promise.reject(new Error("work failed")))).rejects.toThrow("work failed");
  await withLock(name, "turn", {}, turn);
});

test("waiting for a lock can be given up", async () => {
  const name = `test-${process.pid}-abort`;
  await holder(name);
  const controller = new AbortController();
  const progress = () => controller.abort(new Error("enough"));
  await expect(withLock(name, "x", { progress, signal: controller.signal }, () => Promise.resolve())).rejects.toThrow("enough");
});
