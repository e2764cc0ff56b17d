import type { KubeObject } from '../kube/object.ts';
import { type Addition, additions } from './additions.ts';
import type { Change, FieldChange } from './change.ts';
import { isDefault } from './defaults.ts';
import type { Mark } from './mark.ts';
import { fieldChange, type Hiding } from './redact.ts';

/** What the API server would make of a write beyond what `desired` says, apart from what is there already. */
export function addedFields(
  change: Extract<Change, { op: 'create' | 'update' | 'replace' }>,
  desired: KubeObject,
  stored: KubeObject,
  mark?: Mark,
): Pick<Change, 'adds' | 'defaults'> {
  const before = change.op === 'update' ? change.live : undefined;
  const all = additions(desired, stored, before);
  const adds = all.filter((addition) => !isDefault(addition, desired));
  const defaults = all.length - adds.length;
  return {
    ...(adds.length === 0
      ? {}
      : { adds: adds.map((each) => addedField(each, change, { mark, within: [desired, stored] })) }),
    ...(defaults === 0 ? {} : { defaults }),
  };
}

function addedField(
  addition: Addition,
  { desired, sealed }: Extract<Change, { op: 'create' | 'update' | 'replace' }>,
  hiding: Hiding,
): FieldChange {
  const { path, ...values } = fieldChange(desired.kind, addition, { ...hiding, sealed });
  return { path: withoutChance(path), ...(withoutChance(values) as object) };
}

/** The volume of a pod's own token has a name that is made up anew each time. */
const TOKEN_VOLUME = /\bkube-api-access-[a-z0-9]{5}\b/g;

function withoutChance<Value>(value: Value): Value {
  const text = JSON.stringify(value);
  return text.includes('kube-api-access-')
    ? (JSON.parse(text.replaceAll(TOKEN_VOLUME, 'kube-api-access-…')) as Value)
    : value;
}
