import { defineConfig } from "vitest/config";
import { suiteProject, SuiteReporter } from "./harness/run/vitest.ts";

const exclude = ["**/node_modules/**", "**/testdata/**"];

export default defineConfig({
  test: {
    reporters: ["default", new SuiteReporter()],
    tags: [{ name: "full", description: "takes minutes: left out of the quick round" }],
    projects: [
      {
        extends: true,
        test: { name: "unit", include: ["harness/**/*.test.ts", "scripts/**/*.test.ts"], exclude: [...exclude, "**/*.guest.test.ts"] },
      },
      suiteProject({ name: "guest", include: ["harness/**/*.guest.test.ts"], image: "tiny", out: false }),
      suiteProject({ name: "suites" }),
    ],
  },
});
