import { RISK_NAMES } from '../../../schemas/risk.ts';
import { DEFAULT_SETTINGS, EXTERNAL_LISTS, MOST_APPROVALS, Settings } from '../../../schemas/settings.ts';
import { record } from '../kube/json.ts';
import { check } from './check.ts';
import { isError } from './finding.ts';
import type { Manifest } from './manifest.ts';
import { nearest } from './nearest.ts';
import { candidateOf } from './rules/kind.ts';
import { typed } from './rules/own-schema.ts';
import type { RuleContext } from './rules/rule-context.ts';
import type { SourceFile } from './source.ts';
import type { HeldSettings } from './spec.ts';

/** What may hold Settings although none were read in it. */
interface Unread {
  /** Files of which nothing could be read. */
  readonly unread?: readonly SourceFile[];
  /** Names of files that never came to be read. */
  readonly unreadElsewhere?: readonly string[];
}

/**
 * The Settings that hold for this commit. Where they cannot be read, or there are several, what they wished for is not
 * known: then nothing is corrected, forced or pruned before they are mended, no risk is taken whatever consent there is, objects
 * stay within every list of namespaces that can be read, and what may be suspended is.
 */
export function settingsOf(
  manifests: readonly Manifest[],
  ceilings: RuleContext['ceilings'],
  { unread = [], unreadElsewhere = [] }: Unread = {},
): HeldSettings {
  const sure = manifests.filter(isMeant);
  const all = sure.length > 0 ? sure : manifests.filter(mayBeMeant);
  const [only] = all;
  if (only === undefined) {
    const [first] = unread.filter(({ content }) => mentionsSettings(textOf(content)));
    if (first !== undefined) return cautious([], toBeMended(first.path), maySuspend(textOf(first.content)));
    const [elsewhere] = unreadElsewhere;
    if (elsewhere === undefined) return DEFAULT_SETTINGS;
    return cautious([], `${elsewhere} to be mended, which may hold the Settings`);
  }
  if (all.length === 1 && !only.broken && only.problems.every(({ level }) => level === 'warning')) {
    const candidate = candidateOf(only, { ceilings, settings: DEFAULT_SETTINGS.spec });
    if ('type' in candidate && candidate.kind === 'Settings') {
      const { data, problems } = typed(candidate);
      if (problems.length === 0 && data !== undefined) return asChecked(data as Settings, only, ceilings);
    }
  }
  const suspended = all.some((each) => each.broken && maySuspend(each.text.text));
  return cautious(
    all.map(({ value }) => record(record(value)['spec'])),
    all.length === 1
      ? toBeMended(placeOf(only))
      : `one of the Settings to go (${all.map(placeOf).join(', ')})`,
    suspended,
  );
}

/** Settings of the right form; another fault in their manifest leaves them what they ask for, save how little consent is enough. */
function asChecked(settings: Settings, manifest: Manifest, ceilings: RuleContext['ceilings']): HeldSettings {
  const { findings } = check(manifest, { ceilings, settings: settings.spec }, undefined);
  if (!findings.some(isError)) return settings;
  const spec = { ...settings.spec, approvals: utmost(settings.spec.approvals) };
  return { ...settings, spec, doubt: toBeMended(placeOf(manifest)) };
}

/** Consent to every risk, by as many as Settings can ask for. */
function utmost(approvals: Settings['spec']['approvals']): Settings['spec']['approvals'] {
  return { ...approvals, required: [...RISK_NAMES], count: MOST_APPROVALS };
}

const GROUP = DEFAULT_SETTINGS.apiVersion.replace(/[^/]*$/, '');

/** Whether Settings were meant, however badly their kind or version is written. */
function isMeant({ apiVersion, kind }: Manifest): boolean {
  if (kind === 'Settings') return true;
  if (apiVersion?.startsWith(GROUP) !== true) return false;
  return kind === undefined || nearest(kind, ['Settings', 'Approval']) === 'Settings';
}

/** Whether what could not be read may have been Settings. */
function mayBeMeant(manifest: Manifest): boolean {
  const { broken, kind } = manifest;
  // A file is read once more for its text.
  return broken && kind === undefined && mentionsSettings(manifest.text.text);
}

function mentionsSettings(text: string): boolean {
  return /\bkind["']?\s*:\s*["']?Settings\b/.test(text);
}

/** The text of bytes that are none, as far as it is of the letters that keys are made of. */
function textOf(content: Uint8Array): string {
  return Buffer.from(content).toString('latin1').replaceAll('\0', '');
}

function toBeMended(place: string): string {
  return `the Settings to be mended (${place})`;
}

function placeOf({ place }: Manifest): string {
  return `${place.file}:${place.start.line}`;
}

/** Whether text that could not be read in whole may ask for that. */
function maySuspend(text: string): boolean {
  return /\bsuspend["']?\s*:/.test(text);
}

function cautious(
  specs: readonly Readonly<Record<string, unknown>>[],
  doubt: string,
  suspended = false,
): HeldSettings {
  const lists = specs.map((spec) => spec['namespaces']).filter((list) => list !== undefined && list !== null);
  const namespaces = lists
    .map((list) =>
      Array.isArray(list) ? list.filter((each): each is string => typeof each === 'string') : [],
    )
    .reduce<readonly string[] | undefined>(
      (all, list) => (all === undefined ? list : all.filter((each) => list.includes(each))),
      undefined,
    );
  const { spec } = DEFAULT_SETTINGS;
  const steering = specs.map(steeringOf);
  return {
    ...DEFAULT_SETTINGS,
    doubt,
    spec: {
      ...spec,
      ...suspension(specs, suspended),
      prune: { ...spec.prune, enabled: false },
      drift: 'report',
      conflicts: 'report',
      approvals: utmost(spec.approvals),
      ...(namespaces === undefined ? {} : { namespaces: [...namespaces] }),
      rules: agreedOn(steering.map(({ rules }) => rules)),
      external: externalOf((list) => union(steering.map(({ external }) => external[list]))),
    },
  };
}

type Spec = Settings['spec'];

/** However badly somebody has written that nothing may be written, they meant it. */
function suspension(
  specs: readonly Readonly<Record<string, unknown>>[],
  suspended: boolean,
): Pick<Spec, 'suspend'> {
  const reasons = specs.map(({ suspend }) => suspend).filter((each) => each !== undefined && each !== null);
  const reason = reasons.find(
    (each): each is string => typeof each === 'string' && isValid({ suspend: each }),
  );
  if (reason !== undefined) return { suspend: reason };
  if (reasons.length === 0 && !suspended) return {};
  return { suspend: 'the Settings have an error, and no reason that can be read' };
}

type ExternalList = (typeof EXTERNAL_LISTS)[number];

function externalOf(listed: (list: ExternalList) => string[]): Spec['external'] {
  return Object.fromEntries(EXTERNAL_LISTS.map((list) => [list, listed(list)])) as Spec['external'];
}

/** Of Settings that are wrong somewhere, what is right and only says which findings there are: nothing untrue is to be told. */
function steeringOf(spec: Readonly<Record<string, unknown>>): Pick<Spec, 'rules' | 'external'> {
  const rules = Object.entries(record(spec['rules'])).filter(([name, level]) =>
    isValid({ rules: { [name]: level } }),
  );
  const external = record(spec['external']);
  const valid = (list: ExternalList): string[] => {
    const given = external[list];
    if (!Array.isArray(given)) return [];
    return given.filter((each): each is string => isValid({ external: { [list]: [each] } }));
  };
  return {
    rules: Object.fromEntries(rules) as Spec['rules'],
    external: externalOf(valid),
  };
}

function isValid(spec: Readonly<Record<string, unknown>>): boolean {
  return Settings.safeParse({ ...DEFAULT_SETTINGS, spec }).success;
}

/** Levels that all Settings give a rule which name it. */
function agreedOn(all: readonly Spec['rules'][]): Spec['rules'] {
  const levels = Object.entries(Object.assign({}, ...all) as Spec['rules']);
  const agreed = levels.filter(([name, level]) =>
    all.every((rules) => !Object.hasOwn(rules, name) || rules[name] === level),
  );
  return Object.fromEntries(agreed);
}

function union(lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())];
}
