import type { JudgedCell } from "./judge.ts";
import type { Policy } from "./policy.ts";

interface Met {
  /** Whether one applies: one that does not is not what was expected. */
  isTried: boolean;
  /** Why the first that does not apply does not. */
  why: string | undefined;
}

/** What a policy expects, against the cells there are. */
export class Expectations {
  readonly #policy: Policy;
  readonly #suites = new Map<string, { whole: Met | undefined; readonly tests: Map<string, Met | undefined> }>();

  constructor(policy: Policy) {
    this.#policy = policy;
    for (const { image, target, suite, tests = [] } of wanted(policy)) {
      const key = keyOf(image, target, suite);
      const known = this.#suites.get(key) ?? { whole: undefined, tests: new Map<string, Met | undefined>() };
      this.#suites.set(key, known);
      for (const test of tests) known.tests.set(test, undefined);
    }
  }

  meet({ image, target, suite, test, verdict, why }: JudgedCell): void {
    const known = this.#suites.get(keyOf(image, target, suite));
    if (!known) return;
    const isTried = verdict !== "not-applicable";
    known.whole ??= { isTried, why };
    known.whole.isTried ||= isTried;
    if (known.tests.has(test)) known.tests.set(test, { isTried, why });
  }

  /** Cells the policy names and nobody has an outcome of that applies. */
  missing(): JudgedCell[] {
    return wanted(this.#policy).flatMap(({ image, target, suite, tests }) => {
      const met = this.#suites.get(keyOf(image, target, suite))!;
      const absent = (test: string, found: Met | undefined): JudgedCell[] => {
        if (found?.isTried) return [];
        const but = found === undefined ? "there is no outcome" : `not applicable: ${found.why ?? "no reason was left"}`;
        return [{ image, target, suite, test, why: `expected, but ${but}`, verdict: "missing", waiver: undefined }];
      };
      if (tests === undefined) return absent("any test", met.whole);
      return tests.flatMap((test) => absent(test, met.tests.get(test)));
    });
  }
}

function wanted({ expected }: Policy) {
  return expected.flatMap(({ image: images, target: targets, suite: suites, tests }) =>
    images.flatMap((image) => targets.flatMap((target) => suites.map((suite) => ({ image, target, suite, tests })))),
  );
}

function keyOf(...names: readonly string[]): string {
  return JSON.stringify(names);
}
