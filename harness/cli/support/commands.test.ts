import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commandNames } from "./commands.ts";

test("every file that registers a command is one of the commands", () => {
  const folder = join(import.meta.dirname, "..");
  const files = readdirSync(folder).filter((file) => file.endsWith(".ts") && !file.includes(".test."));
  const registering = files.filter((file) => readFileSync(join(folder, file), "utf8").includes("export function register("));
  expect(registering.map((file) => file.slice(0, -".ts".length)).sort()).toEqual([...commandNames]);
});
