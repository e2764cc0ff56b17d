import type { ExplainedField, ExplainedState, WrittenOutput } from '../../../schemas/output/explanation.ts';
import type { PodPlacement } from '../desired/pod-placement.ts';
import { parseObjectId } from '../kube/object.ts';
import type { Subject } from './explained-fields.ts';
import type { Situation } from './situation.ts';
import { placeText } from './written.ts';

/** What ways are chosen by. */
export interface Seen {
  readonly state: ExplainedState;
  readonly subject: Subject;
  readonly fields: readonly ExplainedField[];
  readonly written: readonly WrittenOutput[];
}

/** What a person can do for it to be otherwise, the nearest first. */
export function waysToChange(seen: Seen, situation: Situation): readonly string[] {
  return [...release(seen, situation), ...forState(seen, situation)];
}

function forState(seen: Seen, situation: Situation): readonly string[] {
  const { state, subject, fields } = seen;
  switch (state) {
    case 'in-sync':
    case 'will-be-created':
    case 'checked-only':
      return edit(seen, 'to ask for something else');
    case 'will-be-changed':
    case 'will-be-replaced':
      return [
        'Run weka-gitops reconcile, and it is as the manifest says.',
        ...edit(seen, fields.some(isDrift) ? 'to keep what the cluster has' : 'to ask for something else'),
        ...stopManagers(fields),
      ];
    case 'will-be-pruned':
      return ['Restore its manifest to keep it.'];
    case 'refused':
      return refusedWays(seen);
    case 'waits':
      return waitingWays(seen, situation);
    case 'broken':
      return situation.assessment.findings
        .filter(({ object, level }) => level === 'error' && object === subject.id)
        .slice(0, 3)
        .map(
          ({ file, line, message, hint }) =>
            `Mend ${file}:${line}: ${message}${hint === undefined ? '' : ` ${hint}`}`,
        );
    case 'not-ours':
      return ['Add a manifest for it, and weka-gitops takes it over.'];
    default:
      return [];
  }
}

/** Brakes hold everything back, whatever else there is. */
function release({ state }: Seen, { assessment: { brake } }: Situation): readonly string[] {
  if (brake === undefined || state !== 'waits') return [];
  if (brake.by === 'settings') return ['Remove spec.suspend from the Settings once its reason is gone.'];
  return brake.state === 'suspended'
    ? ['Run weka-gitops resume.']
    : ['Delete the ConfigMap that freezes deletions once its reason is gone.'];
}

function refusedWays(seen: Seen): readonly string[] {
  const { subject, fields } = seen;
  const { change } = subject;
  const isConflict = change?.flags.includes('conflict') === true;
  const held = fields.filter(({ owners }) => owners.some(({ ours }) => !ours));
  if (isConflict) {
    return [
      ...held.flatMap(({ path, written }) =>
        written.map((at) => `Take ${path} out of ${placeText(at)} to leave it to whoever manages it.`),
      ),
      ...stopManagers(held),
      'Set spec.conflicts: force in Settings to take it over.',
    ];
  }
  if (change?.flags.includes('drift') === true) {
    return [
      'Set spec.drift: correct in Settings to have it put back.',
      ...edit(seen, 'to keep what the cluster has'),
    ];
  }
  return edit(seen, 'to ask for what can be done');
}

function waitingWays(seen: Seen, { assessment }: Situation): readonly string[] {
  const { subject } = seen;
  const { change, desired, id } = subject;
  const consent = (assessment.awaited ?? []).filter(({ targets }) => targets.includes(id));
  if (consent.length > 0) {
    return consent.map(({ file }) => `Commit the Approval that weka-gitops plan prints, as ${file.path}.`);
  }
  if (desired?.createOnly !== undefined && change?.fields.length !== 0) {
    const { namespace, name } = parseObjectId(id);
    return [
      `Run kubectl delete pod -n ${namespace ?? 'default'} ${name} when it has no work; it is made anew.`,
    ];
  }
  if (change !== undefined && change.source === undefined) return ['Restore its manifest to keep it.'];
  return [...wayToPlace(change?.placement), ...edit(seen, 'to ask for something that waits for nothing')];
}

/** The smallest thing that would let a pod without a node find one. */
export function wayToPlace(placement: PodPlacement | undefined): readonly string[] {
  return placement?.how === 'nowhere' && placement.change !== undefined ? [`${placement.change}.`] : [];
}

function edit({ fields, written }: Seen, purpose: string): readonly string[] {
  const lines = fields.flatMap((field) => field.written);
  const places = (lines.length > 0 ? lines : written).map(placeText);
  const few = [...new Set(places)].slice(0, 5);
  if (few.length === 0) return [];
  const missing = fields.length > 0 && lines.length === 0;
  return [missing ? `Add it to the manifest, ${few.join(', ')}.` : `Edit ${few.join(', ')} ${purpose}.`];
}

function stopManagers(fields: readonly ExplainedField[]): readonly string[] {
  const names = fields.flatMap(({ owners, path, state }) =>
    owners
      .filter(({ ours }) => !ours && state === 'differs')
      .map(({ manager }) => `Stop ${manager} from setting ${path}.`),
  );
  return [...new Set(names)].slice(0, 5);
}

function isDrift({ why }: ExplainedField): boolean {
  return why?.startsWith('we had set it') === true;
}
