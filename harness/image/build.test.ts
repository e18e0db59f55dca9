import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, afterEach, expect, test, vi } from "vitest";
import { HarnessError, InputError } from "../model/errors.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { buildImage, type BuildOptions } from "./build.ts";
import { findImage } from "./manifest.ts";

let images: string;
let cache: string;
const options: BuildOptions = { arch: "x86_64", tools: { kind: "host", root: "", digest: "test" } };

beforeEach(() => {
  const folder = temporaryFolder();
  images = join(folder, "images");
  cache = join(folder, "cache", "osbench");
  vi.stubEnv("XDG_CACHE_HOME", join(folder, "cache"));
});
afterEach(() => vi.unstubAllEnvs());

async function recipe(script: string, more = "", architectures = "x86_64"): Promise<void> {
  await mkdir(join(images, "x"), { recursive: true });
  const build = `build: { command: [sh, build.sh], env: { FLAVOUR: sweet } }`;
  const text = `image: x\ntitle: t\narchitectures: [${architectures}]\n${build}\nversions: [{ version: "1", disk: x.raw }]\n${more}`;
  await writeFile(join(images, "x", "image.yaml"), text);
  await writeFile(join(images, "x", "build.sh"), script);
}

async function build(more: Partial<BuildOptions> = {}) {
  return buildImage(await findImage("x", { images }), { ...options, ...more });
}

const good = `set -eu
echo "making $ARCH"
[ -d "$CACHE" ] && [ -n "$MIRROR" ]
echo once >> "$CACHE/builds"
printf '%s %s' "$ARCH" "$FLAVOUR" > "$OUT/x.raw"
touch scratch-only
`;

const builds = async () => {
  const [name] = await readdir(join(cache, "recipes"));
  return (await readFile(join(cache, "recipes", name as string, "builds"), "utf8")).trim().split("\n").length;
};

test("builds once per recipe, in a scratch copy, and says what happens", async () => {
  await recipe(good);
  const said: string[] = [];
  const image = await build({ progress: (line) => said.push(line) });
  expect(await readFile(join(image.folder, "x.raw"), "utf8")).toBe("x86_64 sweet");
  expect(await readFile(join(image.folder, "build.log"), "utf8")).toBe("making x86_64\n");
  expect(said).toContain("  making x86_64");
  expect(await readdir(join(images, "x"))).toEqual(["build.sh", "image.yaml"]);
  expect(await build()).toEqual(image);
  expect(await builds()).toBe(1);
  expect((await readdir(join(cache, "images/x"))).filter((name) => name.includes("."))).toEqual([]);
});

test("a changed recipe builds anew, a changed title does not; only the newest builds are kept", async () => {
  await recipe(good);
  const first = await build();
  await recipe(good, "memory: 64\n");
  expect((await build()).digest).toBe(first.digest);
  // Three of each architecture osbench knows.
  for (let change = 1; change <= 9; change++) {
    await recipe(`${good}# ${change}\n`);
    expect((await build()).digest).not.toBe(first.digest);
  }
  expect(await builds()).toBe(10);
  expect(await readdir(join(cache, "images/x"))).toHaveLength(9);
  expect(existsSync(first.folder)).toBe(false);
});

test("two at once build once", async () => {
  await recipe(good);
  const [a, b] = await Promise.all([build(), build()]);
  expect(a).toEqual(b);
  expect(await builds()).toBe(1);
});

test("two architectures at once are two builds, each with its own log", async () => {
  await recipe(good, "", "x86_64, aarch64");
  const all = await Promise.all((["x86_64", "aarch64"] as const).map((arch) => build({ arch })));
  for (const { folder, architecture } of all) expect(await readFile(join(folder, "build.log"), "utf8")).toBe(`making ${architecture}\n`);
});

test("a failing build is the harness's error, with its log kept; nothing stays in the cache that looks built", async () => {
  await recipe("echo working; echo it hurts >&2; exit 4\n");
  const error = (await build().catch((thrown: unknown) => thrown)) as HarnessError;
  expect(error).toBeInstanceOf(HarnessError);
  expect(error.code).toBe("OSB_BUILD");
  expect(error.message).toContain("image x could not be built for x86_64");
  expect(error.message).toContain("exit code 4");
  expect(error.evidence["stderr"]).toBe("it hurts\n");
  expect(await readFile(error.evidence["log"] as string, "utf8")).toContain("it hurts");
  expect((await readdir(join(cache, "images/x"))).filter((name) => !name.endsWith(".failed.log"))).toEqual([]);
});

test("a build that makes less than the manifest promises fails", async () => {
  await recipe("true\n");
  await expect(build()).rejects.toThrow("made no x.raw");
});

test("an interrupted build ends at once and leaves nothing half made", async () => {
  await recipe(`echo started; sleep 600 & sleep 600\n`);
  const controller = new AbortController();
  const progress = (line: string) => line.includes("started") && controller.abort(new Error("interrupted"));
  await expect(build({ signal: controller.signal, progress })).rejects.toThrow("interrupted");
  expect((await readdir(join(cache, "images/x"))).filter((name) => !name.endsWith(".failed.log"))).toEqual([]);
});

test("an image is refused for an architecture it is not made for", async () => {
  await recipe(good);
  await expect(build({ arch: "riscv64" })).rejects.toThrow(InputError);
  await expect(build({ arch: "riscv64" })).rejects.toThrow(/image x is not made for riscv64\n {2}It is made for x86_64/);
});

test("somebody's own disk is used where it stands, named by its content", async () => {
  await mkdir(images, { recursive: true });
  await writeFile(join(images, "own.raw"), "disk");
  const image = await buildImage(await findImage(join(images, "own.raw")), options);
  // sha256 of "disk"
  expect(image).toMatchObject({ folder: images, digest: "1044dec7206e8d7c9fbb4ae8f766668406d2567fc7fc1a160a9d4700fcf8f8e9" });
});

test("an image made from another one finds that one built, and is built anew with it", async () => {
  await recipe(good);
  await mkdir(join(images, "y"));
  const command = `[sh, -c, 'tr a-z A-Z <"$FROM/x.raw" >"$OUT/x.raw"']`;
  await writeFile(join(images, "y", "image.yaml"), `image: y\ntitle: t\nfrom: ../x\nbuild: { command: ${command} }\n`);
  const buildY = async () => buildImage(await findImage("y", { images }), options);
  const first = await buildY();
  expect(await readFile(join(first.folder, "x.raw"), "utf8")).toBe("X86_64 SWEET");
  expect((await buildY()).folder).toBe(first.folder);
  await recipe(good.replace("'%s %s'", "'%s, %s'"));
  const second = await buildY();
  expect(await readFile(join(second.folder, "x.raw"), "utf8")).toBe("X86_64, SWEET");
  expect(second.digest).not.toBe(first.digest);
});
