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

test("a panic after the serial port did not answer is the emulator's fault", async () => {
  const { log, watch, outcome } = watched();
  log.begin(0);
  log.enter("kernel");
  const waiting = outcome(1, "ready");
  void watch.hit(hit("uart-gone"));
  void watch.hit(hit("kernel-panic", 5));
  const error = await waiting;
  expect(error).toBeInstanceOf(HarnessError);
  expect(error).toMatchObject({ diagnosis: { id: "uart-gone", fault: "emulator" } });
});
