// Tests of a suite written in TypeScript, which imports the harness by its name.
import { expect, test } from "osbench";

test("typed", async ({ machine }) => {
  await machine.boot("firmware");
  expect(machine.boots).toHaveLength(1);
});
