import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { jsonOf } from "./write-out.ts";

const program = `
import { writeOut } from ${JSON.stringify(path.join(import.meta.dirname, "write-out.ts"))};
function* lines() { for (let line = 0; line < 200_000; line++) yield "line " + line + "\\n"; }
await writeOut(lines());
process.exitCode = 7;`;

function writing() {
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "pipe"] });
  return { child, ended: once(child, "exit"), errors: text(child.stderr) };
}

test("everything is written, in order, and then the exit code counts", async () => {
  const { child, ended, errors } = writing();
  const written = await text(child.stdout);
  expect(written.split("\n")).toHaveLength(200_001);
  expect(written.endsWith("line 199998\nline 199999\n")).toBe(true);
  expect([await ended, await errors]).toEqual([[7, null], ""]);
});

test("who stops reading has seen enough: no error, the same exit code", async () => {
  const { child, ended, errors } = writing();
  await once(child.stdout, "data");
  child.stdout.destroy();
  expect([await ended, await errors]).toEqual([[7, null], ""]);
});

test("an object written item by item reads as the whole would", () => {
  function* two() {
    yield { a: 1 };
    yield "b";
  }
  const value = { text: "x\ny", none: undefined, list: two(), empty: [], of: { deep: [1, 2] }, is: null, n: 3 };
  const written = [...jsonOf(value)].join("");
  expect(JSON.parse(written)).toEqual({ text: "x\ny", list: [{ a: 1 }, "b"], empty: [], of: { deep: [1, 2] }, is: null, n: 3 });
  expect([...jsonOf({})].join("")).toBe("{}\n");
});
