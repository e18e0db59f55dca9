import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { matrixDocument } from "./document.ts";
import { writeSampleRuns } from "./fixtures/sample-runs.ts";
import { aRecord, aRun, writeRun } from "./fixtures/small-run.ts";
import { publishMatrix } from "./publish.ts";

let out = "";
beforeEach(() => void (out = temporaryFolder()));

const dataOf = (html: string) =>
  JSON.parse(/<script id="matrix" type="application\/json">(.*?)<\/script>/s.exec(html)![1]!) as {
    matrix: unknown;
    recordings: Record<string, string>;
  };

test("writes three files that agree, and the same bytes again for the same runs in another order", { timeout: 60_000 }, async () => {
  const runs = await writeSampleRuns(out);
  const first = await publishMatrix(runs, path.join(out, "matrix"));
  const read = () => Promise.all([first.html, first.markdown, first.json].map((file) => readFile(file, "utf8")));
  const [html, markdown, json] = await read();
  const matrix = matrixDocument.parse(JSON.parse(json!));
  expect(matrix.cells).toHaveLength(272);
  expect(dataOf(html!).matrix).toEqual(JSON.parse(json!));
  expect(markdown).toContain(`❌ ${matrix.counts.fail} fail`);
  await publishMatrix([...runs].reverse(), path.join(out, "matrix"));
  expect(await read()).toEqual([html, markdown, json]);
});

test("what a guest printed cannot become markup", { timeout: 60_000 }, async () => {
  const nasty = "</script><img src=x onerror=alert(1)> | `x` <!-- $& $1 @all";
  const one = await writeRun(path.join(out, "one"), [aRecord({ outcome: "fail", failure: { message: nasty } })], aRun());
  const { html, markdown } = await publishMatrix([one], path.join(out, "matrix"));
  expect(dataOf(await readFile(html, "utf8")).matrix).toMatchObject({ cells: [{ failure: { message: nasty } }] });
  const line = (await readFile(markdown, "utf8")).split("\n").find((each) => each.includes("onerror"));
  expect(line).not.toMatch(/<(?!br>)|(?<!\\)[|`]|@/);
});

test("embeds a console recording only if it is small and the one recorded", { timeout: 60_000 }, async () => {
  const cast = '{"version":3,"term":{"cols":80,"rows":24}}\n[0.5,"o","hello"]\n';
  const digest = (text: string) => createHash("sha256").update(text).digest("hex");
  const big = cast + " ".repeat(2 * 1024 * 1024);
  const evidence = [
    { name: "console", path: "good.cast", sha256: digest(cast), bytes: cast.length },
    { name: "console", path: "forged.cast", sha256: digest("other"), bytes: cast.length },
    { name: "console", path: "big.cast", sha256: digest(big), bytes: big.length },
  ];
  const one = await writeRun(path.join(out, "one"), [aRecord({ evidence })], aRun());
  await Promise.all([
    writeFile(path.join(one, "good.cast"), cast),
    writeFile(path.join(one, "forged.cast"), cast),
    writeFile(path.join(one, "big.cast"), big),
  ]);
  const { html, matrix } = await publishMatrix([one], path.join(out, "matrix"));
  expect(Object.keys(dataOf(await readFile(html, "utf8")).recordings)).toEqual([digest(cast)]);
  expect(matrix.cells[0]?.evidence.map((entry) => entry.problem)).toEqual([
    undefined,
    expect.stringContaining("sha256 differs"),
    undefined,
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
  expect(said).toMatchObject({ status: 0, stdout: expect.stringContaining("1 cells from 1 run: 1 pass\nout/matrix/index.html\n") });
  expect(said.stderr).toContain("warning: out/one/records.jsonl:2: the line ends in the middle of a record");
  expect(matrixDocument.parse(JSON.parse(command("--json").stdout)).problems).toHaveLength(1);
  await mkdir(path.join(out, "nothing"));
  expect(command("nothing", "gone").stderr).toMatch(/nothing: no run directory.*\n.*\ngone: no run directory: there is no such folder/);
});
