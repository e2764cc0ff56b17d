import { record } from '../kube/json.ts';

/** `RULE: REASON` in each line. */
export const IGNORE_RULE = 'weka-gitops.dev/ignore-rule';

export interface IgnoredRules {
  /** Rules that an object is exempt from, each with its reason. */
  readonly rules: ReadonlyMap<string, string>;
  /** Lines that say no rule, or no reason. */
  readonly faults: readonly string[];
}

const NONE: IgnoredRules = { rules: new Map(), faults: [] };

/** The rules that an object's annotation exempts it from. An exemption without a reason is none. */
export function ignoredRules(manifest: unknown): IgnoredRules {
  const text = record(record(record(manifest)['metadata'])['annotations'])[IGNORE_RULE];
  if (typeof text !== 'string') return NONE;
  const rules = new Map<string, string>();
  const faults: string[] = [];
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '') continue;
    const [, rule, reason] = /^([a-z][a-z0-9-]*):\s+(\S.*)$/.exec(line) ?? [];
    if (rule === undefined || reason === undefined) faults.push(line);
    else rules.set(rule, reason);
  }
  return { rules, faults };
}
