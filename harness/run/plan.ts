import { kinds } from "../machine/stand.ts";
import type { ImageManifest } from "../model/image.ts";
import type { TargetManifest } from "../model/target.ts";
import type { Cell, SuiteSource } from "./cell.ts";

/** One image in one target: one vitest project. */
export interface Combination {
  /** Name of the vitest project. */
  readonly project: string;
  readonly image: ImageManifest;
  readonly target: TargetManifest;
}

/** One suite file with the tests it is known to hold. */
export interface PlannedSuite {
  /** Absolute path. */
  readonly file: string;
  readonly source: SuiteSource;
  readonly tests: readonly string[];
  /** What each test requires, where that is known before it runs. */
  readonly requires?: ReadonlyMap<string, readonly string[]>;
}

export function combine(images: readonly ImageManifest[], targets: readonly TargetManifest[]): Combination[] {
  return images.flatMap((image) => targets.map((target) => ({ project: `${image.image} × ${target.target}`, image, target })));
}

/** Why an image cannot be put in a target at all; undefined if it can. */
export function misfit({ image, target }: Combination): string | undefined {
  const unfit = kinds[target.kind].misfit(image);
  if (unfit !== undefined) return unfit;
  if (image.architectures.includes(target.arch)) return undefined;
  return `architecture: the image ${image.image} exists for ${image.architectures.join(" and ")}, the target ${target.target} is ${target.arch}`;
}

/** Memory a machine of this combination gets, in MiB: the target's word, else what the image asks for. */
export function memoryOf({ image, target }: Pick<Combination, "image" | "target">): number {
  return target.memory ?? image.memory;
}

type Includes = (combination: Combination, suite: PlannedSuite) => boolean;

/** Which cells a run is made of: every combination x every suite x every test whose name holds the filter. */
export class Plan {
  readonly combinations: readonly Combination[];
  readonly suites: readonly PlannedSuite[];
  readonly #filter: string;
  readonly #includes: Includes;

  constructor(combinations: readonly Combination[], suites: readonly PlannedSuite[], filter = "", includes: Includes = () => true) {
    this.combinations = combinations;
    this.#filter = filter;
    this.#includes = includes;
    this.suites = suites.map((suite) => ({ ...suite, tests: this.wanted(distinct(suite.tests)) }));
  }

  wanted(tests: readonly string[]): string[] {
    return tests.filter((test) => test.includes(this.#filter));
  }

  /** The same without the suites that `includes` leaves out, and without what is then left without any. */
  only(includes: Includes): Plan {
    const combinations = this.combinations.filter((combination) => this.suites.some((suite) => includes(combination, suite)));
    return new Plan(combinations, this.suites, this.#filter, includes);
  }

  /** The suites to try on one image in one target. */
  suitesOf(combination: Combination): PlannedSuite[] {
    return this.suites.filter((suite) => this.#includes(combination, suite));
  }

  get cells(): Cell[] {
    return this.combinations.flatMap((combination) => this.suitesOf(combination).flatMap((suite) => this.#cells(combination, suite)));
  }

  #cells({ image, target }: Combination, { source, tests }: PlannedSuite): Cell[] {
    return tests.map((test) => ({ image: image.image, target: target.target, suite: source.name, test }));
  }
}

/** Gives a name that was used before a number: two tests of one name are two claims, and the second must not vanish behind the first. */
export function distinct(tests: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return tests.map((test) => {
    const count = (seen.get(test) ?? 0) + 1;
    seen.set(test, count);
    return count === 1 ? test : `${test} (${count})`;
  });
}
