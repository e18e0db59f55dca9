import { EventEmitter, once } from "node:events";
import { expect, test } from "vitest";
import { deadline } from "./deadline.ts";
import { HarnessError } from "./errors.ts";

test("a wait of Node's own that runs into the deadline says what was waited for", async () => {
  const wait = deadline("the machine to switch itself off", 5);
  const error: unknown = await once(new EventEmitter(), "off", { signal: wait.signal }).catch((thrown: unknown) => wait.explain(thrown));
  expect(error).toBeInstanceOf(HarnessError);
  expect(error).toMatchObject({ code: "OSB_TIMEOUT", message: "waited 0.0 s for the machine to switch itself off" });
});

test("who ends a wait is heard, in whatever it is wrapped; what else fails passes unchanged", async () => {
  const outer = new AbortController();
  const wait = deadline("nothing", 60_000, outer.signal);
  const reason = new HarnessError("OSB_MACHINE_CLOSED", "closed");
  const waiting = once(new EventEmitter(), "off", { signal: wait.signal }).catch((thrown: unknown) => wait.explain(thrown));
  outer.abort(reason);
  expect(await waiting).toBe(reason);
  expect(wait.explain(reason)).toBe(reason);
  wait.clear();
});
