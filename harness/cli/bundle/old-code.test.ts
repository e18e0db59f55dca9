import { existsSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../model/testdata/temporary.ts";
import { removeOldCode } from "./old-code.ts";

test("compiled code goes that was neither written nor read for a week", async () => {
  const folder = join(temporaryFolder(), "v24-x64");
  mkdirSync(folder);
  const day = 24 * 60 * 60;
  const now = Date.now() / 1000;
  const file = (name: string, readDays: number, writtenDays: number) => {
    writeFileSync(join(folder, name), "");
    utimesSync(join(folder, name), now - readDays * day, now - writtenDays * day);
    return join(folder, name);
  };
  const [read, written, old] = [file("read", 1, 30), file("written", 30, 1), file("old", 8, 30)];
  await removeOldCode(join(folder, ".."));
  expect([read, written, old].map((path) => existsSync(path))).toEqual([true, true, false]);
});
