import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { record } from "../model/record.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { Journal, recordsFile } from "./journal.ts";
import { exampleRecord } from "./examples.ts";

let folder: string;
beforeEach(() => void (folder = temporaryFolder()));

const lines = () => readFileSync(join(folder, recordsFile), "utf8").split("\n");

test("a writer killed by SIGKILL leaves every record it was told is written, and at most one broken line", async () => {
  const script = `
    import { Journal } from ${JSON.stringify(join(import.meta.dirname, "journal.ts"))};
    import { exampleRecord } from ${JSON.stringify(join(import.meta.dirname, "examples.ts"))};
    const journal = new Journal(${JSON.stringify(folder)});
    for (let n = 0; ; n++) {
      journal.append(exampleRecord({ test: "cell " + n, failure: { message: "x".repeat(20000), details: {} } }));
      process.stdout.write(n + "\\n");
    }`;
  const writer = spawn(process.execPath, ["--input-type=module", "--eval", script], { stdio: ["ignore", "pipe", "inherit"] });
  let told = "";
  writer.stdout.on("data", (chunk: Buffer) => {
    told += chunk.toString();
    if (told.split("\n").length > 25) writer.kill("SIGKILL");
  });
  await once(writer, "close");

  const confirmed = told.split("\n").slice(0, -1).length;
  const found = lines();
  const torn = found.pop();
  found.forEach((line, n) => expect(record.parse(JSON.parse(line)).test).toBe(`cell ${n}`));
  expect(found.length).toBeGreaterThanOrEqual(confirmed);
  expect(found.length).toBeLessThanOrEqual(confirmed + 1);
  expect(torn === "" || !torn?.endsWith("}")).toBe(true);
});

test("a line cut short is closed, so that the next record stands on its own line", () => {
  new Journal(folder).append(exampleRecord({ test: "one" }));
  appendFileSync(join(folder, recordsFile), '{"schema":1,"run":"r","ima');
  new Journal(folder).append(exampleRecord({ test: "two" }));
  expect(JSON.parse(lines()[0] as string)).toMatchObject({ test: "one" });
  expect(JSON.parse(lines()[2] as string)).toMatchObject({ test: "two" });
});

test("refuses what a reader would refuse", () => {
  expect(() => new Journal(folder).append({ ...exampleRecord(), outcome: "passed" as "pass" })).toThrow(/outcome/);
  expect(lines()).toEqual([""]);
});
