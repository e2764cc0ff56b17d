/** One step into an object: a field, an element of a keyed list, a value of a set, or an element by its place. */
export type Step =
  | { readonly field: string }
  | { readonly keys: Readonly<Record<string, string | number | boolean>> }
  | { readonly value: string }
  | { readonly index: number };

export type FieldPath = readonly Step[];

/** `spec.template.spec.containers[name=weka].image`; a field that is no plain word, and a value of a set, is quoted. */
export function formatPath(path: FieldPath): string {
  let text = '';
  for (const step of path) text = formatStep(text, step);
  return text;
}

/** `text`, which is a path, with one more step. */
export function formatStep(text: string, step: Step): string {
  if ('field' in step) {
    const plain = /^[A-Za-z_][A-Za-z0-9_-]*$/.test(step.field);
    if (plain) return text === '' ? step.field : `${text}.${step.field}`;
    return `${text}[${JSON.stringify(step.field)}]`;
  }
  if ('keys' in step) {
    const keys = Object.entries(step.keys).map(([name, value]) => `${name}=${value}`);
    return `${text}[${keys.join(',')}]`;
  }
  return 'value' in step ? `${text}[${JSON.stringify(step.value)}]` : `${text}[${step.index}]`;
}

/** The name of the field that `path` ends in; empty for an element of a list. */
export function lastField(path: FieldPath): string {
  const last = path.at(-1);
  return last !== undefined && 'field' in last ? last.field : '';
}
