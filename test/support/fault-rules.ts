/** What becomes of a request. */
export type Fault =
  /** It is passed on so many milliseconds later. */
  | { readonly do: 'delay'; readonly ms: number }
  /** It is never answered; it ends with its connection. */
  | { readonly do: 'hold' }
  /** It is answered in place of the API server. */
  | {
      readonly do: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | object;
    }
  /** It is passed on, and the connection is reset after so many bytes of the answer's body. */
  | { readonly do: 'cut'; readonly afterBytes: number }
  /** The connection is reset; the API server never hears of it. */
  | { readonly do: 'drop' }
  /** It is passed on when `until` resolves. */
  | { readonly do: 'wait'; readonly until: Promise<void> }
  /** It reaches the API server only when `until` resolves, whether its sender is still there or not. */
  | { readonly do: 'late'; readonly until: Promise<void> }
  /** The API server does it, but its answer is thrown away and the connection reset. */
  | { readonly do: 'lose' }
  /** It is passed on; after so many bytes of the answer's body nothing more comes, though the connection stays open. */
  | { readonly do: 'mute'; readonly afterBytes: number }
  /** It is passed on, and `edit` says what becomes of each line of the answer's body: the events of a watch. */
  | { readonly do: 'edit'; readonly edit: (line: string) => readonly string[] };

export interface FaultRule {
  readonly method?: string;
  /** Against path and query, as sent. */
  readonly path?: RegExp;
  /** So many requests pass unharmed first. */
  readonly after?: number;
  /** How many requests suffer it; all where unset. */
  readonly times?: number;
  readonly fault: Fault;
}

/** The rules in force: of those that fit a request the first counts. */
export class FaultRules {
  /** Asked first, for faults that chance decides. */
  choose: ((method: string, url: string) => Fault | undefined) | undefined;
  readonly #rules: { readonly rule: FaultRule; seen: number }[] = [];

  /** Returns what takes the rule away again. */
  add(rule: FaultRule): () => void {
    const entry = { rule, seen: 0 };
    this.#rules.push(entry);
    return () => {
      const index = this.#rules.indexOf(entry);
      if (index !== -1) this.#rules.splice(index, 1);
    };
  }

  clear(): void {
    this.choose = undefined;
    this.#rules.length = 0;
  }

  /** The fault for a request, which counts as seen. */
  take(method: string, url: string): Fault | undefined {
    const chosen = this.choose?.(method, url);
    if (chosen !== undefined) return chosen;
    for (const entry of this.#rules) {
      const { rule } = entry;
      if (rule.method !== undefined && rule.method !== method) continue;
      if (rule.path !== undefined && !rule.path.test(url)) continue;
      entry.seen += 1;
      const { after = 0, times = Infinity, fault } = rule;
      if (entry.seen > after && entry.seen <= after + times) return fault;
    }
    return undefined;
  }
}
