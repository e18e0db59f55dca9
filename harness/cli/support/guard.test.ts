import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { ownFolder } from "../../host/place.ts";

const shell = async (script: string) => {
  const child = spawn("bash", ["-c", script], { cwd: ownFolder, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
  child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
  await once(child, "close");
  return { stdout, stderr };
};

test("a reader that goes away is no error, and changes no exit code", async () => {
  // The reader is gone before the first byte is written.
  const { stdout, stderr } = await shell(`(sleep 0.2; ./osbench run --help; echo "code $?" >&2) | true; echo "\${PIPESTATUS[1]}"`);
  expect(stdout).toBe("0\n");
  expect(stderr).toBe("code 0\n");
});

test("what cannot be written is said, and is not success", async () => {
  for (const command of ["--help", "plan suites/boot --image tiny --json"]) {
    const { stderr } = await shell(`./osbench ${command} >/dev/full; echo "code $?" >&2`);
    expect(stderr).toMatch(/^error: standard output could not be written: ENOSPC[^\n]*\ncode 3\n$/);
  }
});

test("an exception nobody catches is osbench's failure, never a claim's", async () => {
  const guard = join(import.meta.dirname, "guard.ts");
  const throwing = (what: string) => `import(${JSON.stringify(guard)}).then(({ guardProcess }) => { guardProcess(); ${what} })`;
  for (const what of [`setTimeout(() => { throw new Error("boom"); })`, `void Promise.reject(new Error("boom"))`]) {
    const failed = await promisify(execFile)(process.execPath, ["-e", throwing(what)]).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 3, stderr: expect.stringContaining("osbench itself failed; this is a bug in osbench") as string });
  }
});
