import type { Plugin } from "vite";
import { entryFile } from "../model/entries.ts";
import { compileSuite } from "./compile.ts";
import { loadSuite } from "./load.ts";

const entrance = entryFile("index");
const suiteFile = /\.suite\.yaml$/;

/**
 * Vite plugin that makes `*.suite.yaml` files vitest modules and `osbench` the harness of this very installation.
 * A suite with a mistake fails to load with every problem's file, line and column.
 */
export function suitePlugin(): Plugin {
  return {
    name: "osbench:suites",
    enforce: "pre",
    configureVitest({ defineCacheKeyGenerator }) {
      // vitest keeps compiled modules by the text of the YAML; it does not see that the compiler has changed. Compiling is quick.
      defineCacheKeyGenerator(({ id }) => (suiteFile.test(fileOf(id)) ? false : undefined));
    },
    resolveId: (id) => (id === "osbench" ? entrance : null),
    async load(id) {
      const file = fileOf(id);
      if (!suiteFile.test(file)) return null;
      this.addWatchFile(file);
      return compileSuite(await loadSuite(file));
    },
  };
}

function fileOf(id: string): string {
  return id.split("?", 1)[0]!;
}
