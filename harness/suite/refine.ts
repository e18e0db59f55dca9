interface Payload {
  readonly issues: readonly unknown[];
}

/** Parameters for a zod refinement that says `error`, but only about input that has no simpler mistake. */
export function whenSound(error: string): { error: string; when: (payload: Payload) => boolean } {
  return { error, when: ({ issues }) => issues.length === 0 };
}
