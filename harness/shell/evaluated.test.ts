import { expect, test } from "vitest";
import { evaluated } from "./evaluated.ts";

test.each(["cat /tmp/x", "systemctl is-active a@b.service", "ls", "a=b env", "dd if=/dev/zero bs=1 count=3"])(
  "%s stands as it is",
  (command) => {
    expect(evaluated(command)).toBe(command);
  },
);

test.each(["echo 'a", "if then", "done", "a; b", "a & b", "a\nb", "(", "a # b", "a ", "", "! a", "~", "$x", "*", "case x", "{ a"])(
  "%j is evaluated",
  (command) => {
    expect(evaluated(command)).toMatch(/^eval '/);
  },
);
