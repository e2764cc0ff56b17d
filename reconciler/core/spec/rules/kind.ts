import { SPEC_KINDS } from '../../../../schemas/spec.ts';
import { isRecord, record } from '../../kube/json.ts';
import { KINDS, kindOf } from '../../kube/kinds.ts';
import { groupKind } from '../../kube/object.ts';
import type { Manifest } from '../manifest.ts';
import { nearest } from '../nearest.ts';
import type { Problem } from '../problem.ts';
import { quoted } from '../text.ts';
import { templateHint } from '../yaml-errors.ts';
import { type Candidate, type RuleContext, isOwn } from './rule-context.ts';

/** The manifest as one of a kind that is known and allowed, or why it is none. */
export function candidateOf(manifest: Manifest, context: RuleContext): Candidate | Problem {
  const { value, apiVersion, kind } = manifest;
  if (!isRecord(value) || apiVersion === undefined || kind === undefined) return notAManifest(manifest);
  if (kind === 'List') {
    return { rule: 'schema', path: ['items'], message: 'A List needs items, which are a list of manifests.' };
  }
  const own = SPEC_KINDS.find((each) => each.apiVersion === apiVersion && each.kind === kind);
  const plain = kindOf({ apiVersion, kind });
  if (own === undefined && plain === undefined) return unknownKind(apiVersion, kind);
  if (plain !== undefined && !isOwn(manifest, context)) {
    const problem = notAllowed(apiVersion, kind, context);
    if (problem !== undefined) return problem;
  }
  const { metadata } = value;
  if (metadata !== undefined && metadata !== null && !isRecord(metadata)) {
    return { rule: 'schema', path: ['metadata'], message: 'metadata must be a map.' };
  }
  const type = own === undefined ? plain && { plain } : { own };
  if (type === undefined) return unknownKind(apiVersion, kind);
  return { manifest, value, metadata: record(metadata), apiVersion, kind, type };
}

/** Fields of which an object has at least one, however badly it is written. */
const MARKS: ReadonlySet<string> = new Set(['apiversion', 'kind', 'metadata']);

/**
 * Whether it is most likely a file of another program that lies among manifests, such as a `package.json`. What could be
 * meant as an object is none: it must not be taken for one that was removed.
 */
export function isForeign({ value, broken }: Pick<Manifest, 'value' | 'broken'>): boolean {
  if (broken) return false;
  if (Array.isArray(value)) return value.length > 0 && !value.some(isMarked);
  return isRecord(value) && Object.keys(value).length > 0 && !isMarked(value);
}

function isMarked(value: unknown): boolean {
  return Object.keys(record(value)).some((name) => MARKS.has(name.toLowerCase()));
}

function notAManifest(manifest: Manifest): Problem {
  const { value, apiVersion, kind, text } = manifest;
  if (isForeign(manifest)) {
    return {
      rule: 'not-a-manifest',
      level: 'warning',
      path: [],
      message: isRecord(value)
        ? 'The document has neither apiVersion nor kind, so it describes no object.'
        : 'The document is no map of fields, so it describes no object.',
      hint: 'Keep files that are no manifests outside the folder that is read, or give the file a name that begins with a dot.',
    };
  }
  const fields = record(value);
  const wrong = (['apiVersion', 'kind'] as const).find(
    (name) => fields[name] !== undefined && fields[name] !== null && typeof fields[name] !== 'string',
  );
  if (wrong !== undefined)
    return { rule: 'not-a-manifest', path: [wrong], message: `${wrong} must be text.` };
  const missing =
    apiVersion === undefined && kind === undefined
      ? 'neither apiVersion nor kind'
      : `no ${kind === undefined ? 'kind' : 'apiVersion'}`;
  return {
    rule: 'not-a-manifest',
    path: [],
    message: isRecord(value)
      ? `The document has ${missing}, so it describes no object.`
      : 'The document is no map of fields, so it describes no object.',
    hint:
      templateHint(text.text) ??
      'Add what is missing, or keep files that are no manifests outside the folder that is read.',
  };
}

function unknownKind(apiVersion: string, kind: string): Problem {
  const known = [...SPEC_KINDS, ...KINDS];
  const elsewhere = known.find((each) => each.kind === kind);
  if (elsewhere !== undefined) {
    return {
      rule: 'unknown-kind',
      path: ['apiVersion'],
      message: `${kind} is not known in ${quoted(apiVersion)}.`,
      hint: `Write apiVersion: ${elsewhere.apiVersion}`,
    };
  }
  const near = nearest(kind, [
    ...known.filter((each) => each.apiVersion === apiVersion).map((each) => each.kind),
    ...known.map((each) => each.kind),
  ]);
  const match = known.find((each) => each.kind === near);
  return {
    rule: 'unknown-kind',
    path: ['kind'],
    message: `${quoted(kind)} of ${quoted(apiVersion)} is not a kind that a repository may hold.`,
    hint: match === undefined ? otherwise(apiVersion) : `Did you mean ${match.kind} (${match.apiVersion})?`,
  };
}

function otherwise(apiVersion: string): string {
  if (apiVersion.startsWith('kustomize.config.k8s.io/')) {
    return 'Kustomizations are not rendered: commit what they render to.';
  }
  return 'Apply it by other means, and keep its manifest outside the folder that is read.';
}

/** Kinds that give rights need the ceilings; Settings that name kinds narrow them further. */
function notAllowed(
  apiVersion: string,
  kind: string,
  { ceilings, settings }: RuleContext,
): Problem | undefined {
  if (kindOf({ apiVersion, kind })?.allowed !== 'by-ceiling') return undefined;
  const name = groupKind({ apiVersion, kind });
  if (!ceilings.kinds.includes(name)) {
    return {
      rule: 'kind-not-allowed',
      path: ['kind'],
      message: `${kind} is held only where the process's configuration allows it.`,
      hint: `Add ${name} to ceilings.kinds of the configuration; kinds.allow in Settings only narrows what it says.`,
    };
  }
  const { allow } = settings.kinds;
  if (allow.length === 0 || allow.includes(name)) return undefined;
  return {
    rule: 'kind-not-allowed',
    path: ['kind'],
    message: `${kind} is not among the kinds that Settings allow.`,
    hint: `Add ${name} to spec.kinds.allow in Settings.`,
  };
}
