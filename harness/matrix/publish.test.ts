import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { matrixDocument } from "./document.ts";
import { writeSampleRuns } from "./fixtures/sample-runs.ts";
import { aRecord, aRun, writeRun } from "./fixtures/small-run.ts";
import { publishMatrix } from "./publish.ts";
import type { Edition, SiteIndex, Story } from "./site/site-data.ts";
import { letters } from "./site/site-data.ts";

let out = "";
beforeEach(() => void (out = temporaryFolder()));

const indexOf = (html: string) => JSON.parse(/<script id="matrix" type="application\/json">(.*?)<\/script>/s.exec(html)![1]!) as SiteIndex;
const documentOf = async (json: string) => matrixDocument.parse(JSON.parse(await readFile(json, "utf8")));
/** Every file of a site by its path. */
const filesOf = async (site: string) => {
  const entries = (await readdir(site, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const read = entries.map(async ({ parentPath, name }) => {
    const file = path.join(parentPath, name);
    return [path.relative(site, file), await readFile(file, "utf8")] as const;
  });
  return Object.fromEntries((await Promise.all(read)).sort());
};
/** A piece of a site as the page gets it. */
const pieceOf = async (html: string, name: string) => {
  const folder = path.join(path.dirname(html), indexOf(await readFile(html, "utf8")).data);
  const [, text, packed] = JSON.parse(
    `[${/^osbench\((.*)\);\n$/s.exec(await readFile(path.join(folder, `${name}.js`), "utf8"))![1]!}]`,
  ) as string[];
  return packed ? gunzipSync(Buffer.from(text!, "base64")).toString("utf8") : text!;
};
const storyOf = async (html: string, row = 0, column = 0) => (JSON.parse(await pieceOf(html, `row-${row}`)) as Story[])[column]!;

test("writes files that agree, and the same bytes again for the same runs in another order", { timeout: 60_000 }, async () => {
  const runs = await writeSampleRuns(out);
  const { html, json, counts } = await publishMatrix(runs, path.join(out, "matrix"));
  const files = await filesOf(path.join(out, "matrix"));
  const matrix = await documentOf(json);
  const index = indexOf(files["index.html"]!);
  expect(matrix.cells).toHaveLength(272);
  expect(index).toMatchObject({
    counts,
    columns: matrix.columns,
    suites: matrix.suites,
    problems: matrix.problems,
    outdated: matrix.outdated,
  });
  const rows = matrix.suites.flatMap(({ suite, tests }) => tests.map((each) => `${suite}\n${each}`));
  for (const cell of matrix.cells) {
    const row = rows.indexOf(`${cell.suite}\n${cell.test}`);
    const column = matrix.columns.findIndex(({ image, target }) => image === cell.image && target === cell.target);
    const letter = letters[cell.outcome];
    expect(index.outcomes[row * matrix.columns.length + column]).toBe(cell.outdated.length > 0 ? letter.toUpperCase() : letter);
  }
  expect(files["matrix.md"]).toContain(`❌ ${counts.fail} fail`);
  await publishMatrix([...runs].reverse(), path.join(out, "matrix"));
  expect(await filesOf(path.join(out, "matrix"))).toEqual(files);
  expect((await storyOf(html)).record).toMatchObject({ test: rows[0]!.split("\n")[1] });
});

test("pieces of an older build are taken away, and nothing else", { timeout: 60_000 }, async () => {
  const site = path.join(out, "matrix");
  const one = await writeRun(path.join(out, "one"), [aRecord()], aRun());
  await publishMatrix([one], site);
  await mkdir(path.join(site, "data", "mine"));
  const two = await writeRun(path.join(out, "two"), [aRecord({ run: "two", outcome: "error" })], aRun({ run: "two" }));
  const { html } = await publishMatrix([one, two], site);
  expect((await readdir(path.join(site, "data"))).sort()).toEqual(
    [path.basename(indexOf(await readFile(html, "utf8")).data), "mine"].sort(),
  );
});

test("a matrix that cannot be made leaves the site as it was", { timeout: 60_000 }, async () => {
  const site = path.join(out, "matrix");
  const one = await writeRun(path.join(out, "one"), [aRecord()], aRun());
  await publishMatrix([one], site);
  const before = await filesOf(site);
  const newer = await writeRun(path.join(out, "two"), [`${JSON.stringify({ ...aRecord(), schema: 99 })}\n`], aRun({ run: "two" }));
  await expect(publishMatrix([one, newer], site)).rejects.toThrow("schema version 99");
  expect(await filesOf(site)).toEqual(before);
});

test("what a guest printed cannot become markup, nor script, nor a prototype", { timeout: 60_000 }, async () => {
  const nasty = "</script><img src=x onerror=alert(1)> | `x` <!-- $& $1 @all \u2028";
  const details = JSON.parse('{"__proto__":"x"}') as Record<string, string>;
  const one = await writeRun(path.join(out, "one"), [aRecord({ outcome: "fail", failure: { message: nasty, details } })], aRun());
  const { html, markdown } = await publishMatrix([one], path.join(out, "matrix"));
  expect(indexOf(await readFile(html, "utf8")).said).toEqual([nasty]);
  expect((await storyOf(html)).record?.failure?.message).toBe(nasty);
  const line = (await readFile(markdown, "utf8")).split("\n").find((each) => each.includes("onerror"));
  expect(line).not.toMatch(/<(?!br>)|(?<!\\)[|`]|@/);
});

test("takes evidence into the site only if it is small and what was recorded", { timeout: 60_000 }, async () => {
  const cast = '{"version":3,"term":{"cols":80,"rows":24}}\n[0.5,"o","hello"]\n';
  const digest = (text: string) => createHash("sha256").update(text).digest("hex");
  const big = cast + " ".repeat(8 * 1024 * 1024);
  const entry = (name: string, text: string, sha256 = digest(text)) => ({ name, path: name, sha256, bytes: text.length });
  const evidence = [
    entry("good.cast", cast),
    entry("forged.cast", cast, digest("other")),
    entry("big.cast", big),
    entry("odd.cast", cast, "../../x"),
  ];
  const one = await writeRun(path.join(out, "one"), [aRecord({ evidence })], aRun());
  await Promise.all(evidence.map(({ name }) => writeFile(path.join(one, name), name === "big.cast" ? big : cast)));
  const { html } = await publishMatrix([one], path.join(out, "matrix"));
  const shown = (await storyOf(html)).evidence;
  expect(shown.map(({ piece }) => piece)).toEqual([`e-${digest(cast).slice(0, 40)}`, undefined, undefined, undefined]);
  expect(shown.map(({ problem }) => problem)).toEqual([
    undefined,
    expect.stringContaining("sha256 differs"),
    undefined,
    expect.stringContaining("sha256"),
  ]);
  expect(await pieceOf(html, shown[0]!.piece!)).toBe(cast);
});

test(
  "one build that passes and fails is flaky, a pass that went is a regression, and every build keeps its own outcomes",
  { timeout: 60_000 },
  async () => {
    const at = (hour: number) => `2026-11-20T${hour}:00:00.000Z`;
    const image = (digest: string) => ({ name: "debian-ab", version: "1", digest, form: "disk" });
    const records = [
      aRecord({ started: at(10) }),
      aRecord({ started: at(11), outcome: "fail", failure: { message: "no" } }),
      aRecord({ started: at(12), image: image("sha256:bb"), outcome: "pass" }),
      aRecord({ started: at(13), image: image("sha256:cc"), outcome: "error", failure: { message: "broke" } }),
      aRecord({ started: at(14), image: image("sha256:cc"), outcome: "pass" }),
      aRecord({ started: at(15), image: image("sha256:cc"), outcome: "fail", failure: { message: "again" } }),
    ];
    const one = await writeRun(path.join(out, "one"), records, aRun());
    const { html } = await publishMatrix([one], path.join(out, "matrix"));
    const index = indexOf(await readFile(html, "utf8"));
    expect(index).toMatchObject({ flaky: [0], regressed: [0], outcomes: "f", said: ["again"] });
    const editions = JSON.parse(await pieceOf(html, "releases-0")) as Edition[];
    expect(editions.map(({ digest, outcomes }) => [digest, outcomes])).toEqual([
      ["sha256:cc", "f"],
      ["sha256:bb", "p"],
      ["sha256:aa", "f"],
    ]);
    expect((await storyOf(html)).history.map(({ outcome }) => outcome)).toEqual(["pass", "error", "pass", "fail", "pass"]);
  },
);

test("a boot that several records tell of counts once in the medians of a run", { timeout: 60_000 }, async () => {
  const boot = (id: string, firmware: number) => ({
    number: 1,
    id,
    totalMs: firmware + 10,
    durations: { firmware, kernel: 10, ready: 5000, shutdown: 70 },
  });
  const used = (...boots: ReturnType<typeof boot>[]) => [{ start: { kind: "booted" as const }, accelerator: "tcg", boots }];
  const records = [
    aRecord({ machines: used(boot("a", 100)) }),
    aRecord({ test: "b", machines: used(boot("a", 100)) }),
    aRecord({ test: "c", machines: used(boot("b", 300), boot("c", 800)) }),
  ];
  const one = await writeRun(path.join(out, "one"), records, aRun());
  const { html } = await publishMatrix([one], path.join(out, "matrix"));
  expect(JSON.parse(await pieceOf(html, "trends"))).toMatchObject([
    { column: 0, points: [{ run: "one", boots: 3, phases: { firmware: 300, kernel: 10 } }] },
  ]);
});

test("Markdown shows a wide matrix one image at a time and a narrow one whole", { timeout: 60_000 }, async () => {
  const wide = await publishMatrix(await writeSampleRuns(out), path.join(out, "wide"));
  expect(await readFile(wide.markdown, "utf8")).toContain("### flatcar-stable\n\n| test | 2<br>aarch64 |");
  const one = await writeRun(
    path.join(out, "one"),
    [aRecord(), aRecord({ test: "n", outcome: "not-applicable", reason: "tpm2: none" })],
    aRun(),
  );
  const narrow = await readFile((await publishMatrix([one], path.join(out, "narrow"))).markdown, "utf8");
  expect(narrow).toContain(
    "| test | debian-ab 1<br>x86\\_64 |\n| :-- | :-- |\n| **boot** | |\n| reaches ready | ✅ pass |\n| n | ➖ n/a |",
  );
  expect(narrow).toContain("- tpm2: none: boot › n on debian-ab × x86\\_64");
});

test("the command says what it wrote, what it could not read and what is no run", { timeout: 60_000 }, async () => {
  const program = `import { Command } from "commander"; import { register } from "./harness/cli/matrix.ts";
    const program = new Command(); register(program); process.chdir(process.argv[1]);
    await program.parseAsync(["matrix", ...process.argv.slice(2)], { from: "user" }).catch((error) => { console.error(error.message); process.exitCode = 2; });`;
  const command = (...args: string[]) =>
    spawnSync(process.execPath, ["--input-type=module", "-e", program, out, ...args], {
      encoding: "utf8",
      cwd: path.join(import.meta.dirname, "../.."),
    });
  expect(command()).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/out: holds no run directories\n {2}Run `osbench run` first/),
  });
  await writeRun(path.join(out, "out", "one"), [aRecord(), "{"], aRun());
  const said = command();
  expect(said).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("1 cell from 1 record of 1 run: 1 pass\nout/matrix/index.html\n"),
  });
  expect(said.stderr).toContain("warning: out/one/records.jsonl:2: the line ends in the middle of a record");
  expect(matrixDocument.parse(JSON.parse(command("--json").stdout)).problems).toHaveLength(1);
  await mkdir(path.join(out, "nothing"));
  expect(command("nothing", "gone").stderr).toMatch(/nothing: no run directory.*\n.*\ngone: no run directory: there is no such folder/);
});
