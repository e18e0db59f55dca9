import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { writeAllure } from "./allure.ts";
import { withoutNetwork, writeAllureReport } from "./allure-report.ts";
import { exampleRecord } from "./examples.ts";

test("Allure's pages, made for real, ask the network for nothing", async () => {
  const folder = temporaryFolder();
  writeAllure(folder, [exampleRecord()], join(folder, "results"));
  await writeAllureReport(join(folder, "results"), join(folder, "report"));
  const page = readFileSync(join(folder, "report/index.html"), "utf8");
  expect(page).toMatch(/<script\s+src="app-[^"]+\.js">/);
  expect(page).not.toMatch(/gtag|googletagmanager|dataLayer|src="https?:/);
  const [, app] = /<script\s+src="(app-[^"]+\.js)">/.exec(page)!;
  expect(existsSync(join(folder, "report", app!))).toBe(true);
});

test("only what counts readers is taken out", () => {
  const keep = `<script src="app.js"></script><script>window.ready = true;</script>`;
  const count = `<script async src="https://counter.example/x.js"></script><script>gtag('js', 1)</script><SCRIPT SRC=//counter.example/y.js></SCRIPT>`;
  expect(withoutNetwork(`<body>${keep}${count}</body>`, "p")).toBe(`<body>${keep}</body>`);
});

test("a page that still asks the network is not handed over", () => {
  expect(() => withoutNetwork(`<link rel="stylesheet" href="https://cdn.example/a.css">`, "p.html")).toThrow(
    /p\.html still asks the network: <link rel="stylesheet" href="https:\/\/cdn/,
  );
});
