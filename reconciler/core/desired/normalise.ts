import { isRecord } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';

/**
 * A manifest as the API server would store it: nulls mean absence, a Secret's `stringData` becomes `data`, base64 has
 * no line breaks, a manifest's `status` is no wish of anybody's, and metadata that only the server writes is left out,
 * so that what `kubectl get -o yaml` printed can be committed.
 */
export function normalise(manifest: KubeObject): KubeObject {
  const { status: _status, ...rest } = withoutNulls(manifest);
  const { name, ...metadata } = rest.metadata;
  const wished = Object.entries(metadata).filter(([field]) => !SERVER_METADATA.has(field));
  return withPlainBase64(withEncodedText({ ...rest, metadata: { name, ...Object.fromEntries(wished) } }));
}

const SERVER_METADATA = new Set([
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
]);

/** The API server does the same; where a key is in both, `stringData` wins. */
function withEncodedText(object: KubeObject): KubeObject {
  if (object.kind !== 'Secret' || !isRecord(object['stringData'])) return object;
  const { stringData, ...rest } = object;
  const encoded = Object.entries(object['stringData']).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ]);
  const data = isRecord(object['data']) ? object['data'] : {};
  return { ...rest, data: { ...data, ...Object.fromEntries(encoded) } };
}

/** Base64 in a YAML block has line breaks; the API server takes them, and stores it without. */
function withPlainBase64(object: KubeObject): KubeObject {
  if (object.kind === 'Secret' && isRecord(object['data'])) {
    return { ...object, data: unwrapped(object['data']) };
  }
  if (object.kind === 'ConfigMap' && isRecord(object['binaryData'])) {
    return { ...object, binaryData: unwrapped(object['binaryData']) };
  }
  return Array.isArray(object['webhooks'])
    ? { ...object, webhooks: object['webhooks'].map(withPlainBundle) }
    : object;
}

function withPlainBundle(webhook: unknown): unknown {
  if (!isRecord(webhook) || !isRecord(webhook['clientConfig'])) return webhook;
  const { caBundle } = webhook['clientConfig'];
  return caBundle === undefined
    ? webhook
    : { ...webhook, clientConfig: { ...webhook['clientConfig'], caBundle: plain(caBundle) } };
}

function unwrapped(data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, plain(value)]));
}

function plain(text: unknown): unknown {
  return typeof text === 'string' ? text.replace(/[\r\n]/g, '') : text;
}

/** `value` itself where there is no null in it. */
function withoutNulls<Value>(value: Value): Value {
  if (!hasNull(value)) return value;
  if (Array.isArray(value)) return value.map(withoutNulls) as Value;
  if (!isRecord(value)) return value;
  const members = Object.entries(value)
    .filter(([, member]) => member !== null)
    .map(([name, member]) => [name, withoutNulls(member)]);
  return Object.fromEntries(members) as Value;
}

/** Whether a field somewhere within has no value. An element of a list that is null stays. */
function hasNull(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasNull);
  if (!isRecord(value)) return false;
  for (const name in value) if (value[name] === null || hasNull(value[name])) return true;
  return false;
}
