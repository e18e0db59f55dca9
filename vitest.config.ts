import { defineConfig } from "vitest/config";
import { suiteProject, SuiteReporter } from "./harness/run/vitest.ts";

const exclude = ["**/node_modules/**", "**/testdata/**"];

// `osbench run --allure` writes Allure results of its own records; plain vitest has Allure's reporter instead, when it is told where to write.
const allure = process.env["ALLURE_RESULTS_DIR"];
const allureReporters: [string, Record<string, unknown>][] = allure ? [["allure-vitest/reporter", { resultsDir: allure }]] : [];

export default defineConfig({
  test: {
    reporters: ["default", new SuiteReporter(), ...allureReporters],
    tags: [{ name: "full", description: "takes minutes: left out of the quick round" }],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["harness/**/*.test.ts", "scripts/**/*.test.ts"],
          exclude: [...exclude, "**/*.guest.test.ts"],
          // What ends a test that hangs. Hosts differ by a factor of ten, and many a test starts programs: no such limit is what it tests.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 60_000 } },
        },
      },
      suiteProject({ name: "guest", include: ["harness/**/*.guest.test.ts", "scripts/**/*.guest.test.ts"], image: "tiny", out: false }),
      suiteProject({ name: "suites" }),
    ],
  },
});
