import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { InputError } from "../model/errors.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { findTarget, targetNames } from "./targets.ts";

const file = (folder: string, name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

test("targets of every kind are known by name", async () => {
  expect(await targetNames()).toEqual(expect.arrayContaining(["container", "x86_64"]));
  expect(await findTarget("container")).toMatchObject({ kind: "container", container: { users: "own" } });
  await expect(findTarget("contaner")).rejects.toThrow('did you mean "container"?');
});

test("a file of one's own says only what differs, whatever it extends", async () => {
  const folder = temporaryFolder();
  const first = file(folder, "first.yaml", "target: first\ntitle: t\nextends: container\ncontainer: { users: host }\n");
  const { lacks, declares } = await findTarget("container");
  expect(await findTarget(first)).toMatchObject({ target: "first", kind: "container", container: { users: "host" }, lacks, declares });
  const second = file(folder, "second.yaml", "target: second\nextends: first.yaml\nmemory: 512\n");
  expect(await findTarget(second)).toMatchObject({ target: "second", title: "t", memory: 512, container: { users: "host" } });
  const machine = file(folder, "machine.yaml", "target: mine\nextends: x86_64\nmemory: 512\n");
  expect(await findTarget(machine)).toMatchObject({ kind: "qemu", memory: 512 });
});

test.each([
  ["target: a\nkind: container\ntitle: t\nextends: containr\n", 'a.yaml:4:10: nothing is called "containr" that could be extended'],
  ["target: a\nkind: container\nextends: a.yaml\n", "a.yaml:3:10: a.yaml extends this file itself"],
  ["target: a\nextends: container\ncontainer: { users: both }\n", "a.yaml:3:"],
  ["target: a\nkind: container\nextends: x86_64\n", 'a.yaml:2:7: what it extends is a target of kind "qemu"'],
  ["target: a\nextends: container\nkind: qemu\n", 'a.yaml:3:7: what it extends is a target of kind "container"'],
  ["target: a\nextends: container\nkind: bottle\n", 'a.yaml:3:7: `kind` cannot be "bottle"'],
])("what is wrong in it is said with its place: %j", async (text, words) => {
  const error: unknown = await findTarget(file(temporaryFolder(), "a.yaml", text)).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InputError);
  expect((error as Error).message).toContain(words);
});
