import { record } from '../../kube/json.ts';
import type { Problem } from '../problem.ts';
import type { ValuePath } from '../source.ts';
import { quoted } from '../text.ts';
import type { Candidate, Check } from './rule-context.ts';

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
/** The part of a label's key after the prefix, and a label's value. */
const QUALIFIED = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
/** Kinds whose names become part of host names or of other names, which are shorter. */
const LABEL_KINDS = new Set(['Namespace', 'Service']);
const PATH_KINDS = new Set(['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding']);
const LENGTHS: Readonly<Record<string, number>> = { Namespace: 63, Service: 63, CSIDriver: 63, CronJob: 52 };
const MAX_ANNOTATIONS = 256 * 1024;

/** The name is there, and one that the API server takes. */
export const names: Check = function* ({ metadata, kind }) {
  const { name, generateName, namespace } = metadata;
  if (generateName !== undefined && generateName !== null) {
    yield {
      rule: 'generate-name',
      path: ['metadata', 'generateName'],
      at: 'name',
      message: 'metadata.generateName gives an object a new name each time.',
      hint: 'Set metadata.name.',
    };
  }
  if (name === undefined || name === null || name === '') {
    if (generateName === undefined || generateName === null) {
      yield { rule: 'missing-field', path: ['metadata', 'name'], message: 'metadata.name is missing.' };
    }
  } else if (typeof name === 'string') {
    const problem = nameProblem(name, kind);
    if (problem !== undefined) {
      const message = `${quoted(name)} is no name for a ${kind}: ${problem}`;
      yield { rule: 'invalid-name', path: ['metadata', 'name'], message };
    }
  }
  if (
    typeof namespace === 'string' &&
    namespace !== '' &&
    !(namespace.length <= 63 && LABEL.test(namespace))
  ) {
    const message = `${quoted(namespace)} is no name for a namespace: ${LABEL_FORM}, at most 63.`;
    yield { rule: 'invalid-name', path: ['metadata', 'namespace'], message };
  }
};

const LABEL_FORM = 'it takes lower-case letters, digits and - (not at its ends)';

/** Why a text is no name for an object of a kind; undefined where it is one. */
export function nameProblem(name: string, kind: string): string | undefined {
  const longest = LENGTHS[kind] ?? 253;
  if (name.length > longest) return `it has ${name.length} characters, and ${longest} are the most.`;
  if (PATH_KINDS.has(kind)) {
    return name === '.' || name === '..' || /[/%]/.test(name)
      ? 'it may not be . or .., nor hold / or %.'
      : undefined;
  }
  if (LABEL_KINDS.has(kind)) return LABEL.test(name) ? undefined : `${LABEL_FORM}.`;
  return SUBDOMAIN.test(name)
    ? undefined
    : 'it takes lower-case letters, digits, - and . (the last two not at the ends of a part).';
}

/** Labels and annotations that the API server takes, on the object and on the pods it makes. */
export const labels: Check = function* ({ metadata, value }) {
  yield* metadataLabels(metadata, ['metadata']);
  const spec = record(value['spec']);
  const template = record(spec['template']);
  yield* metadataLabels(record(template['metadata']), ['spec', 'template', 'metadata']);
  const job = record(spec['jobTemplate']);
  yield* metadataLabels(record(job['metadata']), ['spec', 'jobTemplate', 'metadata']);
  const pod = record(record(job['spec'])['template']);
  yield* metadataLabels(record(pod['metadata']), ['spec', 'jobTemplate', 'spec', 'template', 'metadata']);
};

function* metadataLabels(metadata: Candidate['metadata'], path: ValuePath): Generator<Problem> {
  let size = 0;
  for (const field of ['labels', 'annotations'] as const) {
    for (const [key, value] of Object.entries(record(metadata[field]))) {
      const at = [...path, field, key];
      if (!isKey(key)) {
        const what = field === 'labels' ? 'label' : 'annotation';
        const message = `${quoted(key)} is no key for a ${what}: it is NAME or PREFIX/NAME, the name at most 63 letters, digits, -, _ or ., the prefix a domain.`;
        yield { rule: 'invalid-label', path: at, at: 'name', message };
      }
      if (typeof value !== 'string') continue;
      size += key.length + Buffer.byteLength(value);
      if (field === 'labels' && value !== '' && !(value.length <= 63 && QUALIFIED.test(value))) {
        const message = `${quoted(value)} is no value for a label: it takes at most 63 letters, digits, -, _ or ., and begins and ends with a letter or digit.`;
        yield { rule: 'invalid-label', path: at, message, hint: 'Annotations take any text.' };
      }
    }
    if (field === 'annotations' && size > MAX_ANNOTATIONS) {
      const message = 'Labels and annotations together are larger than 256 KiB.';
      yield { rule: 'invalid-label', path: [...path, field], at: 'name', message };
    }
  }
}

function isKey(key: string): boolean {
  const slash = key.indexOf('/');
  const prefix = slash === -1 ? undefined : key.slice(0, slash);
  const name = key.slice(slash + 1);
  if (prefix !== undefined && !(prefix.length <= 253 && SUBDOMAIN.test(prefix.toLowerCase()))) return false;
  return name.length <= 63 && QUALIFIED.test(name);
}
