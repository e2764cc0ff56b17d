import { compareText } from '../placement/compare-text.ts';
import { type CellWant, isFor } from './cell-wants.ts';
import type { RegistryAnswers } from './decision.ts';
import type { Pins } from './pins.ts';
import { cellQuestion, directQuestion } from './questions.ts';
import type { Situation } from './situation.ts';
import { publishedBy } from './work-state.ts';

/**
 * Pins what pods have published for cells that have nothing pinned yet; of two for the same, what the first by its id made. What the
 * registry that it was fetched from has in other bytes by now is for a person to decide.
 */
export function pinPublished(
  wants: readonly CellWant[],
  { works }: Pick<Situation, 'works'>,
  pins: Pins,
  { commit, registry, answers }: PinContext,
): void {
  for (const want of wants) {
    const { service, targets } = want;
    if (service === undefined || pins.find(service.key, targets) !== undefined) continue;
    const question = cellQuestion(want, pins, registry);
    const answer = question && answers.get(question.key);
    for (const work of works) {
      const made = isFor(work, want) ? publishedBy(work) : undefined;
      if (made === undefined) continue;
      if (work.does === 'fetch' && answer?.state === 'has' && answer.package.sha256 !== made.sha256) break;
      const { does, url = '' } = work.order;
      const origin =
        does === 'build' ? { kind: 'builder' as const, pod: work.pod } : { kind: 'registry' as const, url };
      pins.add({ service: service.key, package: made, origin, commit });
      break;
    }
  }
}

/** Says again where packages came from of which that was lost, where what is there has the very same bytes. */
export function settleOrigins(
  wants: readonly CellWant[],
  { works }: Pick<Situation, 'works'>,
  pins: Pins,
  { registry, answers }: Omit<PinContext, 'commit'>,
): void {
  for (const want of wants) {
    const { service, targets } = want;
    const pinned = service && pins.find(service.key, targets);
    if (pinned?.origin.kind !== 'unknown') continue;
    const { sha256 } = pinned.package;
    const work = works.find((each) => isFor(each, want) && publishedBy(each)?.sha256 === sha256);
    const question = cellQuestion(want, pins, registry);
    const answer = question && answers.get(question.key);
    if (work?.does === 'build') {
      pins.replace(pinned, { ...pinned, origin: { kind: 'builder', pod: work.pod } });
    } else if (work?.order.url !== undefined) {
      pins.replace(pinned, { ...pinned, origin: { kind: 'registry', url: work.order.url } });
    } else if (answer?.state === 'has' && answer.package.sha256 === sha256) {
      pins.replace(pinned, { ...pinned, origin: { kind: 'registry', url: answer.url } });
    }
  }
}

/** What pinning goes by besides. */
export interface PinContext {
  readonly commit: string;
  readonly registry: string;
  readonly answers: RegistryAnswers;
}

/** Pins what a registry has that agents take packages from themselves. */
export function pinAnswers(
  wants: readonly CellWant[],
  answers: RegistryAnswers,
  pins: Pins,
  commit: string,
): void {
  for (const { service, targets } of wants.toSorted((a, b) => compareText(a.key, b.key))) {
    const question = directQuestion(service, targets[0]);
    if (service === undefined || question === undefined || pins.find(service.key, targets) !== undefined)
      continue;
    const answer = answers.get(question.key);
    if (answer?.state !== 'has') continue;
    const origin = { kind: 'registry', url: answer.url } as const;
    pins.add({ service: service.key, package: answer.package, origin, commit });
  }
}
