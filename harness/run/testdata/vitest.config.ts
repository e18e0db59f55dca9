import { defineConfig } from "vitest/config";
import { suiteProject, SuiteReporter } from "osbench/vitest";

/** What somebody's own configuration looks like. Where records go is said by whoever tries it. */
export default defineConfig({
  test: {
    reporters: ["default", new SuiteReporter()],
    projects: [suiteProject({ image: "tiny", include: ["suites/mixed.test.ts", "suites/dies.test.ts", "suites/applicable.suite.yaml"], out: process.env["RECORDS"] ?? "out" })],
  },
});
