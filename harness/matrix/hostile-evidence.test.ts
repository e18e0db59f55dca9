import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { certifying } from "./fixtures/certifying.ts";
import { EvidentRun, evidenceBytes } from "./fixtures/evident-run.ts";
import { aRecord } from "./fixtures/small-run.ts";
import { publishMatrix } from "./publish.ts";

let run: EvidentRun;
beforeEach(async () => {
  run = await EvidentRun.in(temporaryFolder());
});

const evidenceAt = (file: string) => run.write(run.records()[0], run.record("b", {}, file));

interface Row {
  /** Makes the input out of a good run of two records. */
  readonly make: () => unknown;
  readonly certify: RegExp;
}

const signs = /^signed PASSED$/;

const hostileEvidence: Readonly<Record<string, Row>> = {
  "a path up and out": {
    make: () => evidenceAt("../../../../etc/hostname"),
    certify: /refused: .*hostname: the path leaves the run directory/,
  },
  "an absolute path": { make: () => evidenceAt("/etc/hostname"), certify: /refused: .*the path leaves the run directory/ },
  "a path out in the manner of Windows": {
    make: () => evidenceAt("..\\..\\hostname"),
    certify: /refused: .*the path leaves the run directory/,
  },
  "a path with a zero in it": {
    make: () => evidenceAt("evidence/b/console.raw\0.txt"),
    certify: /refused: .*is no file name/,
  },
  "no path": { make: () => evidenceAt(""), certify: /refused: .*is no file name/ },
  "a link out of the run directory": {
    make: () => (
      writeFileSync(path.join(run.top, "secret"), evidenceBytes),
      rmSync(run.at("evidence/b/console.raw")),
      symlinkSync(path.join(run.top, "secret"), run.at("evidence/b/console.raw"))
    ),
    certify: /refused: .*the path leaves the run directory/,
  },
  "a folder that is a link out of the run directory": {
    make: () => (
      mkdirSync(path.join(run.top, "else")),
      writeFileSync(path.join(run.top, "else/console.raw"), evidenceBytes),
      rmSync(run.at("evidence/b"), { recursive: true }),
      symlinkSync(path.join(run.top, "else"), run.at("evidence/b"))
    ),
    certify: /refused: .*the path leaves the run directory/,
  },
  "a link to other evidence": {
    make: () => (unlinkSync(run.at("evidence/b/console.raw")), symlinkSync("../a/console.raw", run.at("evidence/b/console.raw"))),
    certify: /refused: .*is a symbolic link/,
  },
  "a pipe": {
    make: () => (unlinkSync(run.at("evidence/b/console.raw")), execFileSync("mkfifo", [run.at("evidence/b/console.raw")])),
    certify: /refused: .*is no regular file/,
  },
  "a folder": {
    make: () => (unlinkSync(run.at("evidence/b/console.raw")), mkdirSync(run.at("evidence/b/console.raw"))),
    certify: /refused: .*is no regular file/,
  },
  "nothing where a file was recorded": {
    make: () => unlinkSync(run.at("evidence/b/console.raw")),
    certify: /refused: .*the file is missing/,
  },
  "other bytes of the same number": {
    make: () => writeFileSync(run.at("evidence/b/console.raw"), evidenceBytes.toUpperCase()),
    certify: /refused: .*b\/console\.raw: its bytes are not those that were recorded/,
  },
  "more bytes": {
    make: () => appendFileSync(run.at("evidence/b/console.raw"), "more"),
    certify: /refused: .*has 26 bytes, 22 were recorded/,
  },
};

/** The first page a machine makes has to be built. */
const slow = { timeout: 60_000 };

test.each(Object.entries(hostileEvidence))("evidence: %s", slow, async (_, { make, certify }) => {
  await make();
  expect(await certifying(run.folder)).toMatch(certify);
  const { json } = await publishMatrix([run.folder], path.join(run.top, "matrix"));
  const { cells } = JSON.parse(readFileSync(json, "utf8")) as {
    cells: { test: string; evidence: { href?: string; problem?: string }[] }[];
  };
  const [shown] = cells.find((cell) => cell.test === "b")!.evidence;
  // Whatever leads out of the run directory is not linked.
  if (certify.source.includes("leaves")) expect(shown).toMatchObject({ problem: "the path leaves the run directory" });
});

const script = `<script>alert(1)</script><img src=x onerror=alert(2)>`;
test.each([
  ["a script as an image's name", script],
  ["a script that ends the page's data", `</script><script>alert(1)</script>`],
  ["Markdown, a mention and a table's end", "| ![x](http://evil.example/x.png) @everyone <!-- \n# heading"],
  ["a terminal's commands", "\u001b[2J\u001b]8;;http://evil.example\u0007click"],
  ["a name of ten thousand characters", "x".repeat(10_000)],
])("names: %s is shown as text, never obeyed", slow, async (_, name) => {
  await run.write(run.record("a", { image: { ...aRecord().image, name }, test: name, target: { ...aRecord().target, name } }));
  const { html, markdown } = await publishMatrix([run.folder], path.join(run.top, "matrix"));
  const page = readFileSync(html, "utf8");
  expect(page).not.toContain("<script>alert");
  expect(page).not.toContain("<img src=x");
  const shown = readFileSync(markdown, "utf8");
  expect(shown).not.toMatch(/(?<!\\)!\[x\]|<script|<img|<!--|^# heading|@everyone/m);
  expect(await certifying(run.folder)).toMatch(signs);
});
