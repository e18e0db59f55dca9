import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { parseLoaderVariables, readLoaderVariables } from "./efivars.ts";

const variable = (text: string) => Buffer.concat([Buffer.from([6, 0, 0, 0]), Buffer.from(`${text}\0`, "utf16le")]);

test("what the script prints of a real file is read back; a variable that does not exist is absent", () => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, "LoaderBootCountPath-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"), variable("\\EFI\\Linux\\osb_2+2-1.efi"));
  const script = readLoaderVariables(["LoaderBootCountPath", "LoaderEntryDefault"]).replace("/sys/firmware/efi/efivars", folder);
  const variables = parseLoaderVariables(execFileSync("sh", ["-c", script], { encoding: "utf8" }));
  expect([...variables]).toEqual([["LoaderBootCountPath", "\\EFI\\Linux\\osb_2+2-1.efi"]]);
});

test("half an answer is no answer", () => {
  expect(() => parseLoaderVariables("LoaderBootCountPath BgA=")).toThrow(/LoaderBootCountPath BgA=/);
  expect(() => parseLoaderVariables("cat: No such file")).toThrow(/no such file/i);
});
