import { expect, test } from "vitest";
import { HarnessError } from "../model/errors.ts";
import { hit, watched } from "./testdata/watched.ts";

test("a machine nobody can enter from outside is the harness's fault, whatever the image would have said", async () => {
  const { log, watch, reached } = watched();
  log.begin(0);
  log.enter("userspace");
  const waiting = reached(1, "ready");
  void watch.hit(hit("device-timeout"));
  watch.shut("process 1 could not be joined");
  const error = await waiting.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(HarnessError);
  expect(error).toMatchObject({ code: "OSB_NO_WAY_IN", diagnosis: { id: "no-way-in", fault: "harness" } });
  expect((error as Error).message).toContain("process 1 could not be joined");
});
