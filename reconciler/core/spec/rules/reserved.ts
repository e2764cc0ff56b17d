import { record } from '../../kube/json.ts';
import { SPEC_KINDS } from '../../../../schemas/spec.ts';
import type { Problem } from '../problem.ts';
import { quoted } from '../text.ts';
import type { Check } from './rule-context.ts';

/** What keeps track of our objects: KEP-3659's own labels, and ours; and what says which of them are issued, at work or consented to. */
const KEYS =
  /^(applyset\.kubernetes\.io\/|weka-gitops\.dev\/(applied-fields|anchor|certificate|certificate-names|driver-work|approval-digest)$)/;
const VENDORS = SPEC_KINDS.filter(({ apiVersion }) => apiVersion.startsWith('weka.weka.io/'));
const ANCHOR = new RegExp(`^weka-(${VENDORS.map(({ kind }) => kind.toLowerCase()).join('|')})-`);

/** Labels, annotations and names that are ours alone. */
export const reserved: Check = function* ({ metadata, kind }): Generator<Problem> {
  for (const field of ['labels', 'annotations'] as const) {
    for (const key of Object.keys(record(metadata[field]))) {
      if (!KEYS.test(key)) continue;
      const message = `${quoted(key)} is set by weka-gitops itself, and no manifest may set it.`;
      yield { rule: 'reserved', path: ['metadata', field, key], at: 'name', message, hint: 'Remove it.' };
    }
  }
  const { name } = metadata;
  if (kind === 'ConfigMap' && typeof name === 'string' && ANCHOR.test(name)) {
    yield {
      rule: 'reserved',
      path: ['metadata', 'name'],
      message: `ConfigMaps named ${quoted(name)} and the like stand for WEKA's manifests, and no manifest may name one.`,
      hint: 'Choose another name.',
    };
  }
};
