import { record } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';
import { HIDDEN, hideSealed, type Sealed } from '../spec/sealed.ts';

/**
 * What is asked for, as a digest may hold it: of a Secret which keys it has and not their values, and nothing that stands
 * encrypted in the repository. A digest of a weak value could be guessed.
 */
export function withoutValues(desired: KubeObject, sealed: Sealed | undefined): KubeObject {
  const shown = sealed === undefined ? desired : (hideSealed(desired, sealed) as KubeObject);
  if (shown.kind !== 'Secret') return shown;
  const keys = [...Object.keys(record(shown['data'])), ...Object.keys(record(shown['stringData']))];
  const { data: _data, stringData: _text, ...rest } = shown;
  return { ...rest, data: Object.fromEntries(keys.map((key) => [key, HIDDEN])) };
}
