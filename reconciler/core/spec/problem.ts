import type { RuleName } from './rules/rules.ts';
import type { ValuePath } from './source.ts';

interface Fault {
  readonly rule: RuleName;
  /** In place of the rule's own level. */
  readonly level?: 'error' | 'warning' | 'ignored';
  readonly message: string;
  readonly hint?: string | undefined;
}

/** A fault of a file, at a character of its text. */
export interface TextProblem extends Fault {
  readonly offset: number;
  /** What to say instead where the place could be a Secret's value, and `message` repeats it. */
  readonly discreet?: { readonly message: string; readonly hint: string };
}

/** A fault of a manifest, at one of its values or at the name of a field. */
export interface Problem extends Fault {
  readonly path: ValuePath;
  readonly at?: 'name';
  /** What to say of a number or a word once it is known how it is written. */
  readonly asWritten?: (source: string) => Pick<Fault, 'message' | 'hint'>;
}

/** `spec.ports[0].name`; a name that is no plain word is quoted. */
export function pathText(path: ValuePath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}
