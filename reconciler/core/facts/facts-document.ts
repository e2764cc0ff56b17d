/** A document of a file of facts, and the line where it begins. */
export interface FactsDocument {
  readonly value: unknown;
  readonly line: number;
}

/** Where a file of facts stops making sense. */
export type Fail = (at: { readonly line: number; readonly column: number }, what: string) => never;
