import { WEKA_CONTAINER_MODES } from '../../../../schemas/weka-container.ts';
import { record } from '../../kube/json.ts';
import { quoted } from '../text.ts';
import type { Check } from './rule-context.ts';

/** Containers of WEKA are made in some of their modes only. */
export const mode: Check = function* ({ type, kind, value }) {
  if (!('own' in type) || kind !== 'WekaContainer') return;
  const { mode: given } = record(value['spec']);
  const acted: readonly unknown[] = WEKA_CONTAINER_MODES;
  if (typeof given !== 'string' || acted.includes(given)) return;
  if (!type.own.schema.safeParse(withMode(given)).success) return;
  yield {
    rule: 'mode-not-supported',
    path: ['spec', 'mode'],
    message: `Containers of mode ${quoted(given)} are not made by this version.`,
    hint: `It makes ${acted.join(', ')}. Keep the manifest outside the folder that is read until it makes more.`,
  };
};

/** The least that is a container, to ask the schema whether there is such a mode at all. */
function withMode(given: string): object {
  return {
    apiVersion: 'weka.weka.io/v1alpha1',
    kind: 'WekaContainer',
    metadata: { name: 'any', namespace: 'any' },
    spec: { mode: given, image: 'any' },
  };
}
