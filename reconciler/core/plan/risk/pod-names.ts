import type { PodFacts } from '../../facts/pod-facts.ts';
import { selects } from '../../placement/label-selector.ts';
import type { Change, Risk, StoppedPods } from '../change.ts';
import { few } from './deed.ts';

/** `web-10` comes after `web-9`. */
const BY_NUMBER = new Intl.Collator('en', { numeric: true });

/** Of more pods than that only the number is told. */
const MOST_NAMES = 10;

/** Whether `changes` stop pods whose names are not told yet. */
export function stopsPods(changes: readonly Change[]): boolean {
  return changes.some(({ risks = [] }) => risks.some(({ stops }) => stops !== undefined));
}

/** `changes` with the names of the pods that they stop, among `pods` as they are now. */
export function withPodNames(changes: readonly Change[], pods: readonly PodFacts[]): readonly Change[] {
  const inNamespace = Map.groupBy(
    pods.filter(({ ended, terminating }) => !ended && terminating !== true),
    ({ namespace }) => namespace,
  );
  const told = (risks: readonly Risk[]) => risks.map((risk) => withNames(risk, inNamespace));
  return changes.map((change) => {
    const { risks } = change;
    if (risks?.some(({ stops }) => stops !== undefined) !== true) return change;
    const { pending } = change.op === 'wait' ? change : {};
    return {
      ...change,
      risks: told(risks),
      ...(pending?.risks === undefined ? {} : { pending: { ...pending, risks: told(pending.risks) } }),
    };
  });
}

function withNames(risk: Risk, inNamespace: ReadonlyMap<string, readonly PodFacts[]>): Risk {
  const { stops, ...rest } = risk;
  const { evidence, bound = evidence } = rest;
  if (stops === undefined) return risk;
  const names = (inNamespace.get(stops.namespace) ?? [])
    .filter((pod) => isMeant(pod, stops))
    .map(({ name }) => name)
    .toSorted(BY_NUMBER.compare);
  if (names.length === 0) return rest;
  // Controllers choose themselves which of their pods stay.
  const which = names.length > stops.count ? 'of these: ' : '';
  const named = `${evidence}: ${which}${few(names, ', ', MOST_NAMES)}`;
  return { ...rest, evidence: named, ...(bound === undefined ? {} : { bound }) };
}

function isMeant({ name, labels }: PodFacts, { selector, from, notOfRevision }: StoppedPods): boolean {
  if (!selects(selector, labels)) return false;
  if (notOfRevision !== undefined && labels['controller-revision-hash'] === notOfRevision) return false;
  if (from === undefined) return true;
  const ordinal = /-(\d+)$/.exec(name)?.[1];
  return ordinal === undefined || Number(ordinal) - from.start >= from.partition;
}
