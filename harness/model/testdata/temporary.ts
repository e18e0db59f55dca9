import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, onTestFinished } from "vitest";

/** A folder for one test, asked for in the test or in `beforeEach`: gone after the test and its `afterEach`, however it ends. Its path is short enough for unix sockets. */
export function temporaryFolder(): string {
  const folder = make();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder for all tests of a file, asked for at the file's top level: gone after the last one. */
export function temporaryFolderOfFile(): string {
  const folder = make();
  // A busy disk may take long over many files.
  afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000);
  return folder;
}

function make(): string {
  return mkdtempSync(join(tmpdir(), "osb-test-"));
}
