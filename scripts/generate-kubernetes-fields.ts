import * as models from '@kubernetes/client-node';
import { KINDS } from '../reconciler/core/kube/kinds.ts';

interface Model {
  getAttributeTypeMap(): readonly {
    readonly baseName: string;
    readonly type: string;
    readonly format: string;
  }[];
}

/** Quantities are plain strings in the models; the API server takes numbers for them too. */
const QUANTITIES: Readonly<Record<string, readonly string[]>> = {
  V1EmptyDirVolumeSource: ['sizeLimit'],
  V1PersistentVolumeSpec: ['capacity'],
  V1PodSpec: ['overhead'],
  V1ResourceFieldSelector: ['divisor'],
  V1ResourceRequirements: ['limits', 'requests'],
  V1VolumeResourceRequirements: ['limits', 'requests'],
};

/** Written by the API server alone, so a manifest's own is never looked into. */
const SERVER_SIDE: Readonly<Record<string, readonly string[]>> = { V1ObjectMeta: ['managedFields'] };

/**
 * Fields of every kind that we manage, as JSON: `kinds` names each kind's type, `types` has each type's fields. A
 * field's type is `string`, `integer`, `number`, `boolean`, `date`, `bytes`, `quantity`, `int-or-string`, `any`, the
 * name of a type, `[T]` for a list or `{T}` for a map.
 */
export function kubernetesFields(): string {
  const types = new Map<string, Readonly<Record<string, string>>>();
  const kinds = KINDS.map(({ apiVersion, kind }) => {
    const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
    const type = `${version.charAt(0).toUpperCase()}${version.slice(1)}${kind}`;
    collect(type, types, true);
    return [`${apiVersion}/${kind}`, type] as const;
  });
  const lines = (entries: readonly (readonly [string, unknown])[]): string =>
    entries
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`)
      .join(',\n');
  return `{\n  "kinds": {\n${lines(kinds)}\n  },\n  "types": {\n${lines([...types])}\n  }\n}\n`;
}

function collect(type: string, types: Map<string, Readonly<Record<string, string>>>, isKind = false): void {
  if (types.has(type)) return;
  const model = (models as unknown as Readonly<Record<string, Model | undefined>>)[type];
  if (model === undefined) throw new Error(`@kubernetes/client-node has no model ${type}`);
  const fields: Record<string, string> = {};
  types.set(type, fields);
  const attributes = model.getAttributeTypeMap().toSorted((a, b) => (a.baseName < b.baseName ? -1 : 1));
  for (const { baseName, type: written, format } of attributes) {
    const opaque = (isKind && baseName === 'status') || (SERVER_SIDE[type]?.includes(baseName) ?? false);
    const quantity = QUANTITIES[type]?.includes(baseName) ?? false;
    const compact = opaque ? 'any' : compacted(written, quantity ? 'quantity' : format);
    fields[baseName] = compact;
    const inner = compact.replace(/[[\]{}]/g, '');
    if (/^[A-Z]/.test(inner)) collect(inner, types);
  }
}

/** `Array<V1Container>` is `[V1Container]`; `{ [key: string]: string; }` is `{string}`. */
function compacted(written: string, format: string): string {
  const list = /^Array<(.+)>$/.exec(written)?.[1];
  if (list !== undefined) return `[${compacted(list, format)}]`;
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(written)?.[1];
  if (map !== undefined) return `{${compacted(map, format)}}`;
  switch (written) {
    case 'string':
      return format === 'byte' ? 'bytes' : format === 'quantity' ? format : 'string';
    case 'number':
      return format === 'double' ? 'number' : 'integer';
    case 'Date':
    case 'V1MicroTime':
      return 'date';
    case 'IntOrString':
      return 'int-or-string';
    case 'object':
      return 'any';
    default:
      return written;
  }
}
