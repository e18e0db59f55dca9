import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { beforeAll, expect, test } from "vitest";
import { temporaryFolderOfFile } from "../harness/model/testdata/temporary.ts";

const root = join(import.meta.dirname, "..");
const folder = temporaryFolderOfFile();

beforeAll(async () => {
  await copyFile(join(root, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
});

/** What the project's own lint configuration says of one file. */
async function lint(path: string, text: string): Promise<string> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  const argv = [join(root, "node_modules/oxlint/bin/oxlint"), "-c", join(folder, ".oxlintrc.json"), "-f", "unix", file];
  return (await execa(process.execPath, argv, { cwd: folder, reject: false })).stdout;
}

// The floors as the design gives them; the lint configuration must agree.
const floors: readonly (readonly string[])[] = [
  ["model"],
  ["diagnosis", "console", "shell", "ssh", "tpm", "host"],
  ["qemu", "board", "container", "image"],
  ["os", "machine"],
  ["suite"],
  ["matrix", "run"],
  ["cli"],
];
const rooms = floors.flatMap((names, floor) => names.map((name) => ({ name, floor })));

test.each(rooms)("a file of $name imports only from below floor $floor", async ({ name, floor }) => {
  const others = rooms.filter((room) => room.name !== name);
  const imports = (depth: string) => others.map((room, index) => `import { x as x${index} } from "${depth}${room.name}/x.ts";`);
  const use = `export const all = [${others.map((_, index) => `x${index}`).join(", ")}];`;
  for (const [path, depth] of [
    [`harness/${name}/x.ts`, "../"],
    [`harness/${name}/deep/x.ts`, "../../"],
  ] as const) {
    const said = await lint(path, [...imports(depth), use].join("\n"));
    const refused = others.filter((room) => said.includes(`'${depth}${room.name}/x.ts' import is restricted`)).map((room) => room.name);
    expect(refused.sort()).toEqual(
      others
        .filter((room) => room.floor >= floor)
        .map((room) => room.name)
        .sort(),
    );
  }
});

test("os may use machine's types, but none of its code", async () => {
  expect(await lint("harness/os/types.ts", `import type { x } from "../machine/x.ts";\nexport type Y = typeof x;\n`)).not.toContain(
    "restricted",
  );
});

test("files that import each other are refused", async () => {
  await lint("harness/host/b.ts", `import { a } from "./a.ts";\nexport const b = a;\n`);
  expect(await lint("harness/host/a.ts", `import { b } from "./b.ts";\nexport const a = b;\n`)).toContain("Dependency cycle detected");
});
