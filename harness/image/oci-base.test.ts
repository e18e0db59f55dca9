import { join } from "node:path";
import { expect, test } from "vitest";
import { imageManifest, type Image } from "../model/image.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { ociIdentities } from "./oci-base.ts";
import { writeLayout } from "./testdata/oci.ts";

const lower = [{ name: "usr/lower", content: "1" }];
const upper = [{ name: "usr/upper", content: "2" }];
const key = "org.opencontainers.image.base";

async function image(name: string, layers: (typeof lower)[], annotations?: Readonly<Record<string, string>>): Promise<Image> {
  const folder = temporaryFolder();
  await writeLayout(join(folder, "oci"), layers, "amd64", annotations);
  const versions = [{ version: "1", oci: "oci" }];
  const manifest = imageManifest.parse({ image: name, title: name, architectures: ["x86_64"], form: "oci", versions });
  return { manifest, name, folder, digest: "", architecture: "x86_64" };
}

async function baseOf(own: Image, from?: Image) {
  return (await ociIdentities(own, from))?.["1"]?.base;
}

test("an image that stands on another's layers has it for its base, and says how that was found", async () => {
  const base = await image("base", [lower]);
  const digest = (await ociIdentities(base, undefined))?.["1"]?.manifest as string;
  expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  const found = "its lowest 1 of 2 layers are those of base";
  expect(await baseOf(await image("a", [lower, upper]), base)).toEqual({ name: "base", digest, found });
  const told = await image("a", [lower, upper], { [`${key}.digest`]: digest });
  expect((await baseOf(told, base))?.found).toBe(`${found}, as its annotations say`);
  const lies = await image("a", [lower, upper], { [`${key}.digest`]: "sha256:other" });
  expect(await baseOf(lies, base)).toEqual({ name: "base", digest, found: `${found}; its annotations name sha256:other` });
});

test("layers in another order, or the same ones, make no base; annotations are believed where layers prove nothing", async () => {
  const base = await image("base", [lower]);
  expect(await baseOf(await image("a", [upper, lower]), base)).toBeUndefined();
  expect(await baseOf(await image("a", [lower]), base)).toBeUndefined();
  const told = await image("a", [upper, lower], { [`${key}.name`]: "example.org/base:1" });
  expect(await baseOf(told, base)).toEqual({ name: "example.org/base:1", found: "annotations of its manifest say so" });
});

test("who an image without containers is, or with one that cannot be read, is left open", async () => {
  const manifest = imageManifest.parse({ image: "d", title: "d", architectures: ["x86_64"], versions: [{ version: "1", disk: "d.raw" }] });
  const disk: Image = { manifest, name: "d", folder: "/nowhere", digest: "", architecture: "x86_64" };
  expect(await ociIdentities(disk, undefined)).toBeUndefined();
  expect(await ociIdentities({ ...(await image("a", [lower])), architecture: "aarch64" }, undefined)).toBeUndefined();
});
