/** What a code of a builder, a loader or an agent means: the same words for status, plan, explain and the page of all codes. */
export interface DriverTrouble {
  /** What is seen, in one sentence. */
  readonly symptom: string;
  /** Why that comes about, in one sentence. */
  readonly cause: string;
  /** The way out; begins with a verb. */
  readonly mend: string;
}
