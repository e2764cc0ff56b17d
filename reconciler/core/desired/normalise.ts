import { isRecord } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';

/**
 * A manifest as the API server would store it: nulls mean absence, a Secret's `stringData` becomes `data`, a manifest's
 * `status` is no wish of anybody's, and metadata that only the server writes is left out.
 */
export function normalise(manifest: KubeObject): KubeObject {
  const { status: _status, stringData, ...rest } = withoutNulls(manifest);
  const { creationTimestamp: _created, managedFields: _managed, ...metadata } = rest.metadata;
  const object: KubeObject = { ...rest, metadata };
  if (object.kind !== 'Secret' || !isRecord(stringData)) {
    return stringData === undefined ? object : { ...object, stringData };
  }
  const encoded = Object.entries(stringData).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ]);
  const data = isRecord(object['data']) ? object['data'] : {};
  return { ...object, data: { ...data, ...Object.fromEntries(encoded) } };
}

function withoutNulls<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(withoutNulls) as Value;
  if (!isRecord(value)) return value;
  const members = Object.entries(value)
    .filter(([, member]) => member !== null)
    .map(([name, member]) => [name, withoutNulls(member)]);
  return Object.fromEntries(members) as Value;
}
