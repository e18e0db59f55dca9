import { mkdtempSync } from "node:fs";
import type { Duplex } from "node:stream";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { temporaryFolderOfFile } from "../model/testdata/temporary.ts";
import { openChannelShell } from "./channel-shell.ts";
import type { AgentStanding } from "./raw-engine.ts";
import { end, shellNames, standIn, type StandIn } from "./testdata/stand-in.ts";

const folder = temporaryFolderOfFile();

describe.each(shellNames)("an agent left in %s", (name) => {
  let guest: StandIn;

  beforeEach(async () => {
    guest = await standIn(mkdtempSync(join(folder, "guest-")), "two lines", name);
  });

  afterEach(async () => {
    await end(guest);
  });

  const open = async (left?: AgentStanding) => {
    const [line, errors] = guest.lines as readonly [Duplex, Duplex];
    return await openChannelShell(line, errors, AbortSignal.timeout(20_000), left);
  };

  test("serves whoever is told how it stands, as it did before", async () => {
    const agent = "echo $PPID; :";
    const { stdout: before } = await guest.shell.run(agent);
    await guest.shell.run("cat >/dev/null", { stdin: "input" });
    const left = guest.shell.leave("the machine is being saved");
    expect(guest.shell.usable).toBe(false);
    const next = await open(left);
    expect(await next.run(agent)).toMatchObject({ code: 0, stdout: before, stderr: "" });
    expect(await next.run("cat; echo err >&2; exit 3", { stdin: "in" })).toMatchObject({ code: 3, stdout: "in", stderr: "err\n" });
    await expect(next.run("sleep 1000; :", { timeoutMs: 300 })).rejects.toMatchObject({ code: "OSB_TIMEOUT" });
    expect(await next.run("echo on")).toMatchObject({ stdout: "on\n" });
    const again = await open(next.leave("once more"));
    expect(await again.run("kill -KILL $$; sleep 20")).toMatchObject({ code: 137 });
    expect(await again.run("(exit 4)")).toMatchObject({ code: 4 });
    await again[Symbol.asyncDispose]();
  });

  test("goes when somebody comes who was told nothing", async () => {
    const { stdout: before } = await guest.shell.run("echo $PPID; :");
    guest.shell.leave("the machine is being saved");
    const next = await open();
    const after = await next.run("echo $PPID; :");
    expect(after.stdout).toMatch(/^\d+\n$/);
    expect(after.stdout).not.toBe(before);
    await next[Symbol.asyncDispose]();
  });

  test("does not answer one who knows another's secret", async () => {
    const left = guest.shell.leave("the machine is being saved") as AgentStanding;
    const [line, errors] = guest.lines as readonly [Duplex, Duplex];
    const another = { ...left, secret: "another" };
    await expect(openChannelShell(line, errors, AbortSignal.timeout(300), another)).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("is not to be had while a command runs, nor when it is lost", async () => {
    const waiting = guest.shell.run("sleep 1000; :").catch((error: unknown) => error);
    expect(guest.shell.leave("the machine is being saved")).toBeUndefined();
    guest.shell.lose("the machine restarted");
    await waiting;
    expect(guest.shell.leave("the machine is being saved")).toBeUndefined();
  });
});
