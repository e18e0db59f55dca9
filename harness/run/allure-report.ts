import { readdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { HarnessError, InputError } from "../model/errors.ts";

/** Makes pages of Allure results with the `allure` package, and takes out of them whatever asks the network for something. Throws InputError where the package is not installed. */
export async function writeAllureReport(resultsFolder: string, folder: string): Promise<void> {
  const program = await allureProgram();
  const made = await execa(process.execPath, [program, "generate", resultsFolder, "--output", folder], {
    reject: false,
    stdin: "ignore",
    cwd: dirname(folder),
    timeout: 600_000,
  });
  if (made.failed)
    throw new HarnessError("OSB_ALLURE", `allure generate failed (exit code ${made.exitCode})`, {
      evidence: { output: made.stderr || made.stdout },
    });
  const pages = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".html"));
  for (const name of pages) {
    const page = join(folder, name);
    await writeFile(page, withoutNetwork(await readFile(page, "utf8"), page));
  }
}

/** A page without the scripts that count its readers: those loaded from elsewhere, and those that speak to them. Throws HarnessError if any is left. */
export function withoutNetwork(html: string, page: string): string {
  const clean = html.replace(/<script\b([^>]*)>(.*?)<\/script>/gis, (script, attributes: string, body: string) =>
    /\bsrc\s*=\s*["']?(?:https?:)?\/\//i.test(attributes) || /\bgtag\s*\(|dataLayer|GoogleAnalytics/.test(body) ? "" : script,
  );
  const left = /<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)\s*=\s*["']?(?:https?:)?\/\/[^>]*>|googletagmanager|google-analytics/i.exec(
    clean,
  );
  if (!left) return clean;
  throw new HarnessError("OSB_ALLURE", `the Allure page ${page} still asks the network: ${left[0].slice(0, 200)}`, {
    hint: "This version of allure is not known yet; publish the results only, or use another of its versions.",
  });
}

async function allureProgram(): Promise<string> {
  const paths = createRequire(import.meta.url).resolve.paths("allure") ?? [];
  for (const folder of paths) {
    const manifest = await readFile(join(folder, "allure/package.json"), "utf8").catch(() => undefined);
    const bin = manifest === undefined ? undefined : (JSON.parse(manifest) as { bin?: string | Record<string, string> }).bin;
    const file = typeof bin === "string" ? bin : bin?.["allure"];
    if (file !== undefined) return join(folder, "allure", file);
  }
  const remedy = "npm install allure, or write the results alone (`osbench report allure`) and make pages of them elsewhere.";
  throw new InputError(
    [{ at: { flag: "allure-report" }, what: "needs the npm package `allure`, which is not installed", remedy }],
    "OSB_NO_ALLURE",
  );
}
