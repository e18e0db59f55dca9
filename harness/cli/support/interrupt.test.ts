import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { cacheFolder } from "../../host/cache.ts";
import { openTools } from "../../host/toolbox.ts";
import { temporaryFolder } from "../../model/testdata/temporary.ts";

beforeAll(async () => {
  await openTools("toolbox");
}, 600_000);

test("Ctrl-C during a build ends everything it started, tidies up and exits with 130", async () => {
  const folder = temporaryFolder();
  const name = `interrupt-test-${process.pid}`;
  const build = `build: { command: [sh, -c, "echo going; sleep 600 & sleep 600"] }`;
  const versions = `versions: [{ version: "1", disk: a.raw }]`;
  await writeFile(join(folder, "image.yaml"), `image: ${name}\ntitle: t\narchitectures: [x86_64]\n${build}\n${versions}\n`);
  const child = spawn(process.execPath, [join(import.meta.dirname, "../main.ts"), "build", folder], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  let interrupted = false;
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    said += chunk;
    // Once: a second one would meet a process that has already let go of its handlers.
    if (interrupted || !said.includes("  going")) return;
    interrupted = child.kill("SIGINT");
  });
  // "close" comes when nobody holds its stderr any more: not even the build.
  const [code] = (await once(child, "close")) as [number];
  expect(said).toMatch(/interrupted\n$/);
  expect(code).toBe(130);
  const shelf = join(cacheFolder(), "images", name);
  expect(await readdir(shelf)).toEqual([expect.stringMatching(/^last\..*\.failed\.log$/)]);
  await rm(shelf, { recursive: true });
});
