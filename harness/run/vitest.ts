import type { TestProjectInlineConfiguration } from "vitest/config";
import type { ToolsPlace } from "../model/context.ts";
import { entryFile } from "../model/entries.ts";
import { suitePlugin } from "../suite/plugin.ts";
import { suiteAliases, suiteTestOptions } from "./options.ts";
import { defaultImage, defaultTarget } from "./request.ts";

export { SuiteReporter } from "./suite-reporter.ts";

/** What a vitest project of suites is about. */
export interface SuiteProjectOptions {
  /** Name of the project; default: image and target. */
  readonly name?: string;
  /** Globs of the suites, YAML or TypeScript; default: everything below `suites`. */
  readonly include?: readonly string[];
  /** Name or path; default: debian-ab. */
  readonly image?: string;
  /** Name or path; default: x86_64. */
  readonly target?: string;
  /** Default: toolbox. */
  readonly tools?: ToolsPlace["kind"];
  /** Folder that gets a run directory for each run, default `out`; `false` for a temporary one that is removed if all passes. */
  readonly out?: string | false;
}

/**
 * A vitest project that runs suites on one image in one target, for `test.projects` of anybody's vitest configuration. Nothing is built before a
 * suite of it is run. Put `new SuiteReporter()` among `test.reporters` to get records.
 */
export function suiteProject(options: SuiteProjectOptions = {}): TestProjectInlineConfiguration {
  const {
    include = ["suites/**/*.suite.yaml", "suites/**/*.test.ts"],
    image = defaultImage,
    target = defaultTarget,
    tools = "toolbox",
    out = "out",
  } = options;
  return {
    plugins: [suitePlugin()],
    resolve: { alias: suiteAliases },
    test: {
      ...suiteTestOptions,
      name: options.name ?? `${image} × ${target}`,
      include: [...include],
      globalSetup: [entryFile("run/global-setup")],
      provide: { osbenchProject: { image, target, tools, out } },
      // One machine at a time: how many fit is decided by `osbench run` only.
      maxWorkers: 1,
    },
  };
}

declare module "vitest" {
  interface ProvidedContext {
    osbenchProject: Required<Omit<SuiteProjectOptions, "name" | "include">>;
    /** Unix socket for machine events, if somebody listens. */
    osbenchBus: string;
    /** What the records say of the firmware. */
    osbenchFirmware: string | undefined;
  }
}
