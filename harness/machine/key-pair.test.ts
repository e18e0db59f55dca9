import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { imageManifest, type Image } from "../model/image.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { makeKeyPair } from "../ssh/ssh-shell.ts";
import { keyPairOf } from "./key-pair.ts";

function image(folder: string, ssh: object): Image {
  const versions = [{ version: "1", disk: "a.raw" }];
  const manifest = imageManifest.parse({ image: "a", title: "t", architectures: ["x86_64"], versions, access: { ssh } });
  return { manifest, name: "a", folder, digest: "", architecture: "x86_64" };
}

test("the key that was named is used, with the public half that belongs to it; else one is made", async () => {
  const folder = temporaryFolder();
  const pair = makeKeyPair("somebody's");
  writeFileSync(join(folder, "id"), pair.privateKey);
  const given = await keyPairOf(image(folder, { key: "id" }));
  expect(given.privateKey).toBe(pair.privateKey);
  expect(given.publicKey.split(" ").slice(0, 2)).toEqual(pair.publicKey.split(" ").slice(0, 2));
  expect((await keyPairOf(image(folder, {}))).publicKey).not.toContain(pair.publicKey.split(" ")[1]);
});

test("a file that is no private key is said to be none", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "id"), makeKeyPair("x").publicKey);
  await expect(keyPairOf(image(folder, { key: "id" }))).rejects.toThrow(`${join(folder, "id")}: the SSH key of image a is no private key`);
  await expect(keyPairOf(image(folder, { key: "gone" }))).rejects.toMatchObject({ code: "OSB_INPUT" });
});
