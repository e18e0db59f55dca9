import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { InputError } from "../model/errors.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { findSuites } from "./find.ts";
import { schemaIsCurrent, suiteJsonSchema } from "./json-schema.ts";
import { loadSuite } from "./load.ts";
import { descendantNeeds, neededBy } from "./tree.ts";
import { verbs } from "./verbs/index.ts";

const root = path.join(import.meta.dirname, "../..");

function write(text: string): string {
  const file = path.join(temporaryFolder(), "x.suite.yaml");
  writeFileSync(file, text);
  return file;
}

/** What is said about a suite whose only test has this step. */
async function complaint(step: string, top = ""): Promise<string> {
  const file = write(`suite: x\n${top}tests:\n  - test: t\n    steps:\n      - ${step}\n`);
  return loadSuite(file).then(
    () => "",
    (error: unknown) => (error as InputError).message.replaceAll(`${file}:`, ""),
  );
}

test("every file in verbs/ is a verb the language knows, under its own name", () => {
  const files = readdirSync(path.join(import.meta.dirname, "verbs")).filter((file) => !file.endsWith(".test.ts") && file !== "index.ts");
  expect(files.map((file) => file.replace(/\.ts$/, "")).toSorted()).toEqual(Object.keys(verbs).toSorted());
});

test("the JSON Schema kept is the one of the verbs (else run: node harness/suite/generate-schema.ts)", () => {
  expect(schemaIsCurrent()).toBe(true);
});

test("the JSON Schema explains every verb and every key of it", () => {
  const silent: string[] = [];
  const walk = (node: unknown, at: string): void => {
    if (typeof node !== "object" || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (key === "properties") {
        for (const [name, schema] of Object.entries(value as object)) {
          if (typeof schema === "object" && !("description" in (schema as object))) silent.push(`${at}.${name}`);
        }
      }
      walk(value, key === "properties" || /^\d+$/.test(key) ? at : `${at}.${key}`);
    }
  };
  walk(JSON.parse(suiteJsonSchema()), "");
  expect(silent).toEqual([]);
});

test("every suite that is shipped fits the language, and no two share a name", async () => {
  const files = await findSuites([path.join(root, "suites")]);
  const suites = await Promise.all(files.filter(({ kind }) => kind === "yaml").map(({ file }) => loadSuite(file)));
  expect(new Set(suites.map(({ name }) => name)).size).toBe(suites.length);
  expect(suites.length).toBeGreaterThan(7);
});

test("the suites in the guide are such, and the guide names every verb", async () => {
  const guide = readFileSync(path.join(root, "docs/writing-a-suite.md"), "utf8");
  const [suite, branching] = await Promise.all([...guide.matchAll(/```yaml\n([^]*?)```/g)].map(([, text]) => loadSuite(write(text!))));
  expect(suite!.tests.map(({ steps }) => steps.length)).toEqual([1, 4]);
  expect(branching!.tests.map(({ from }) => from)).toEqual([undefined, "installed", "updated", "updated"]);
  expect(Object.keys(verbs).filter((verb) => !guide.includes(`\`${verb}\``))).toEqual([]);
});

test("a step keeps its place and its words, folded onto one line", async () => {
  const suite = await loadSuite(
    write("suite: x\ntests:\n  - test: t\n    steps:\n      - reboot:\n      - run:\n          command: 'true'\n          exit: 0\n"),
  );
  expect(suite.tests[0]!.steps).toMatchObject([
    { verb: "reboot", input: null, text: "reboot:", at: { line: 5, column: 9 } },
    { verb: "run", input: { command: "true", exit: 0 }, text: 'run: { command: "true", exit: 0 }', at: { line: 6, column: 9 } },
  ]);
});

test("an unknown verb is named with its place and the one that was meant", async () => {
  expect(await complaint("updat: next")).toMatch(/^5:9: unknown key `updat`[^]*Did you mean `update`\?/);
});

test("an unknown key of a verb is named with its place and the one that was meant", async () => {
  expect(await complaint("check: { verson: next }")).toMatch(/^5:18: unknown key `verson`[^]*Did you mean `version`\?/);
});

test("a wrong value, a wrong type and a missing value say what would be right", async () => {
  expect(await complaint("power: of")).toMatch(/^5:16: [^]*One of: off, on, cut/);
  expect(await complaint("check: { failed-units: none }")).toMatch(/^5:\d+: .*must be a list/);
  expect(await complaint("reboot: { timeout: 90 }")).toMatch(/^5:\d+: .*must be text[^]*"90"/);
  expect(await complaint("reboot: { timeout: 90 s }")).toMatch(/90s/);
  expect(await complaint("power: { stat: off }")).toMatch(/unknown key `stat`[^]*Did you mean `state`\?/);
  expect(await complaint("run: { command: x, stdout: { matches: '(' } }")).toMatch(/not a regular expression/);
});

test("two verbs in one step, an empty claim and an unknown requirement are refused", async () => {
  expect(await complaint("reboot:\n        boot:")).toMatch(/exactly one verb/);
  expect(await complaint("check: {}")).toMatch(/claims nothing/);
  expect(await complaint("boot:", "requires: [update]\n")).toMatch(/2:12: [^]*updates/);
});

test("YAML that is no YAML, and a name used twice, are said with their lines", async () => {
  expect(await complaint("run: 'x")).toMatch(/^\d+:\d+: not valid YAML/);
  const twice = write("suite: x\ntests:\n  - test: t\n    steps: [boot:]\n  - test: t\n    steps: [{ boot: }]\n");
  await expect(loadSuite(twice)).rejects.toThrow(InputError);
});

test("suites are found below folders; what is not there or empty is said with a remedy", async () => {
  const found = await findSuites([path.join(root, "suites/rollback"), path.join(root, "suites/rollback/manual.suite.yaml")]);
  expect(found.map(({ file }) => path.basename(file))).toEqual(["automatic.suite.yaml", "counter.suite.yaml", "manual.suite.yaml"]);
  const empty = temporaryFolder();
  await expect(findSuites([path.join(root, "suites/rolback"), empty, import.meta.filename.replace(".test", "-x")])).rejects.toThrow(
    /rolback: there is no such file[^]*"rollback"[^]*holds no suite/,
  );
  await expect(findSuites([path.join(root, "package.json")])).rejects.toThrow(/is no suite[^]*\*\.suite\.yaml/);
});

test.each([
  ["run: id -u", "booted"],
  ["check: { version: current }", "booted"],
  ["reboot:", "booted"],
  ["boot:", "off"],
  ["power: cut", "off"],
  ["console: anything", "off"],
])("a test whose first step is `%s` starts %s", async (step, start) => {
  const suite = await loadSuite(write(`suite: x\ntests:\n  - test: t\n    steps:\n      - ${step}\n`));
  expect(suite.tests[0]?.start).toBe(start);
});

test("what is said of a boot is never said of one that was made before the test", async () => {
  const later = "run: id -u\n      - console: { expect: Linux version, since: power-on }";
  const implied = await loadSuite(write(`suite: x\ntests:\n  - test: t\n    steps:\n      - ${later}\n`));
  expect(implied.tests[0]?.start).toBe("off");
  expect(await complaint(later, "start: booted\n")).toMatch(/^7:9: claims something about the boot before the test[^]*start: off/);
  expect(await complaint("boot:", "start: booted\n")).toMatch(/claims something about the boot/);
  // A boot of the test's own is as good as any.
  expect(await complaint("reboot:\n      - console: { expect: Linux version, since: power-on }", "start: booted\n")).toBe("");
});

test("a test on a shared machine does not say how it starts", async () => {
  const file = write("suite: x\nmachine: shared\ntests:\n  - test: t\n    start: off\n    steps:\n      - boot:\n");
  await expect(loadSuite(file)).rejects.toThrow(/:5:12: tests on a shared machine start where the one before ended/);
});

/** What is said about a suite of tests with these starts (if any) and moments made (if any); one test a word, as `start>made`. */
async function momentComplaint(words: string, top = ""): Promise<string> {
  const tests = words.split(" ").map((word, index) => {
    const [start, made] = word.split(">");
    const lines = [`  - test: t${index}`, ...(start ? [`    start: ${start}`] : []), "    steps:", "      - run: id -u"];
    return [...lines, ...(made ? [`      - moment: ${made}`] : [])].join("\n");
  });
  const file = write(`suite: x\n${top}tests:\n${tests.join("\n")}\n`);
  return loadSuite(file).then(
    () => "",
    (error: unknown) => (error as InputError).message.replaceAll(`${file}:`, ""),
  );
}

test("tests start from a moment that a test above them makes", async () => {
  const file = write(
    "suite: x\nrequires: [systemd]\ntests:\n  - test: a\n    requires: [tpm2]\n    steps: [{ boot: }, { moment: far }]\n" +
      "  - test: b\n    start: far\n    steps: [{ reboot: }, { moment: further }]\n" +
      "  - test: c\n    start: further\n    requires: [updates]\n    steps: [run: id]\n",
  );
  const suite = await loadSuite(file);
  expect(suite.moments).toEqual([
    { name: "far", test: 0, step: 1 },
    { name: "further", test: 1, step: 1 },
  ]);
  expect(suite.tests.map(({ start, from }) => from ?? start)).toEqual(["off", "far", "further"]);
  // What a moment's steps need, those who start from it do; what those need is known before they do.
  expect(neededBy(suite, 2).toSorted()).toEqual(["systemd", "tpm2", "updates"]);
  expect(descendantNeeds(suite, 0)).toEqual(["updates"]);
});

test.each([
  ["an unknown one", ">installed instaled", /^8:12: no test makes a moment called `instaled`[^]*\^{8}[^]*Did you mean "installed"\?/],
  ["a word of the language that is meant", "boted", /^4:12: no test makes a moment called `boted`[^]*Did you mean "booted"\?/],
  ["one that is made below", "late >late", /^4:12: the moment `late` is made by a later test[^]*made on line 10/],
  ["one the test makes itself", "own>own", /^4:12: the test starts from a moment it makes itself[^]*made on line 7/],
  ["two that go round", "b>a a>b", /^4:12: the moment `b` is made by a later test/],
  ["one nobody starts from", ">unused", /^6:17: no test starts from the moment `unused`[^]*Say `start: unused`/],
  ["two of one name", ">twice >twice twice", /^10:17: two moments are called `twice`[^]*on line 6/],
  ["one that every suite has", ">booted booted", /^6:17: `booted` is what every suite can start from/],
  ["one that is no name", ">No!", /^6:17: [^]*lower-case letters, digits and -/],
])("of moments, %s is refused with its place", async (_, words, said) => {
  expect(await momentComplaint(words)).toMatch(said);
});

test("of moments, one on a shared machine is refused, and a claim about a boot the moment has behind it", async () => {
  expect(await momentComplaint(">x", "machine: shared\n")).toMatch(/^7:17: a shared machine goes on from test to test/);
  const file = write(
    "suite: x\ntests:\n  - test: a\n    steps: [{ run: id }, { moment: m }]\n  - test: b\n    start: m\n    steps:\n" +
      "      - console: { expect: Linux, since: power-on }\n",
  );
  await expect(loadSuite(file)).rejects.toThrow(/:8:9: claims something about the boot before the test[^]*start: off/);
});

test("whether a fork has the time that was or that is, is said of a test or of all; of one that boots it cannot be", async () => {
  const suite = await loadSuite(
    write("suite: x\nclock: now\ntests:\n  - test: a\n    steps: [run: date]\n  - test: b\n    clock: saved\n    steps: [run: date]\n"),
  );
  expect(suite.tests.map(({ clock }) => clock)).toEqual(["now", "saved"]);
  const off = write("suite: x\ntests:\n  - test: a\n    clock: now\n    steps: [{ boot: }]\n");
  await expect(loadSuite(off)).rejects.toThrow(/:4:12: the test starts switched off, and whoever boots has the host's time/);
  const shared = write("suite: x\nmachine: shared\ntests:\n  - test: a\n    clock: now\n    steps: [run: date]\n");
  await expect(loadSuite(shared)).rejects.toThrow(/:5:12: tests on a shared machine start where[^]*Put `clock` at the top/);
});
