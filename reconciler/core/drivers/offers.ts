import type { DriverPackage } from '../../../schemas/drivers/package.ts';
import { targetKey } from '../../../schemas/drivers/target.ts';
import type { Consent } from '../desired/desired.ts';
import { parseObjectId, type ObjectId } from '../kube/object.ts';
import type { Grant } from '../plan/approvals/book.ts';
import { type CellWant, isFor } from './cell-wants.ts';
import { acceptConsent } from './consents.ts';
import type { AcceptanceAsked, RegistryAnswers } from './decision.ts';
import type { RegistryAnswer } from './drivers.ts';
import type { PackageOrigin, PinnedPackage } from './lock.ts';
import type { Pins } from './pins.ts';
import { cellQuestion } from './questions.ts';
import type { Situation } from './situation.ts';
import { publishedBy } from './work-state.ts';
import { type LiveWork, podName } from './works.ts';

/** A package with other bytes than those that are trusted for a cell: nothing of it is used until a person accepts it. */
export interface Offer {
  /** Who has it, for people. */
  readonly who: string;
  /** What is trusted: pinned or, before anything is, what is being fetched. */
  readonly sha256: string;
  readonly package: DriverPackage;
  readonly consent: Consent;
  /** The Approvals by which it takes the place of the other; undefined until there are any. */
  readonly accepted?: readonly Grant[];
}

/** What others offer in place of trusted packages, by the keys of cells. What was accepted is pinned from here on. */
export function settleOffers(
  wants: readonly CellWant[],
  situation: Situation,
  pins: Pins,
  answers: RegistryAnswers,
): ReadonlyMap<string, Offer> {
  const { input } = situation;
  const offers = new Map<string, Offer>();
  for (const want of wants) {
    const found = offerFor(want, situation, pins, answers);
    if (found === undefined) continue;
    const { pinned, origin, offer } = found;
    const accepted = input.consents?.accepting(offer.consent);
    if (accepted === undefined || pinned === undefined) {
      offers.set(want.key, accepted === undefined ? offer : { ...offer, accepted });
      continue;
    }
    const { service, package: old } = pinned;
    const insteadOf = [...new Set([old.sha256, ...(pinned.accepted?.insteadOf ?? [])])]
      .filter((sha256) => sha256 !== offer.package.sha256)
      .slice(0, MOST_GIVEN_UP);
    const isPinned = pins.replace(pinned, {
      service,
      package: offer.package,
      origin,
      commit: input.commit,
      accepted: { approvals: namesOf(accepted), insteadOf },
    });
    offers.set(want.key, isPinned ? { ...offer, accepted } : offer);
  }
  return offers;
}

/** What people are asked, and have said, where a lock was lost and nobody knows which of several packages was pinned. */
interface DoubtSettled {
  readonly asked: readonly AcceptanceAsked[];
  readonly accepted: readonly Grant[];
}

/** Pins what a person has chosen of the packages that nodes were asked for before the lock was lost. Of two that were chosen, neither. */
export function settleDoubt(wants: readonly CellWant[], situation: Situation, pins: Pins): DoubtSettled {
  const { consents, commit } = situation.input;
  const asked: AcceptanceAsked[] = [];
  const accepted: Grant[] = [];
  for (const { service, targets, nodes, askedBy } of wants) {
    if (service === undefined) continue;
    const target = situation.services.get(service.key)?.by.id ?? askedBy;
    const candidates = pins.doubtful(service.key, targets);
    const choices = candidates.map((entry) => {
      const { package: offered, origin } = entry;
      const others = candidates
        .filter(({ package: about }) => targetKey(about) === targetKey(offered))
        .flatMap(({ package: { sha256 } }) => (sha256 === offered.sha256 ? [] : [sha256]));
      const from = origin.kind === 'registry' ? origin.url : 'what nodes were asked for';
      const consent = acceptConsent(target, { service: service.key, sha256: others, offered, from });
      return { entry, others, consent, grants: consents?.accepting(consent) };
    });
    const [chosen, ...more] = choices.filter(({ grants }) => grants !== undefined);
    const isChosen =
      chosen?.grants !== undefined &&
      more.length === 0 &&
      pins.choose({
        service: service.key,
        package: chosen.entry.package,
        origin: chosen.entry.origin,
        commit,
        accepted: {
          approvals: namesOf(chosen.grants),
          insteadOf: chosen.others.slice(0, MOST_GIVEN_UP),
        },
      });
    if (isChosen) accepted.push(...(chosen.grants ?? []));
    else asked.push(...choices.map(({ consent }) => ({ consent, nodes })));
  }
  return { asked, accepted };
}

/** As many names of Approvals as a lock holds for one package. */
function namesOf(grants: readonly Grant[]): string[] {
  return grants.slice(0, 64).map(({ name }) => name);
}

/** Of so many digests that were given up it is known that they were. */
const MOST_GIVEN_UP = 16;

interface Found {
  readonly pinned?: PinnedPackage;
  readonly origin: PackageOrigin;
  readonly offer: Offer;
}

function offerFor(
  want: CellWant,
  situation: Situation,
  pins: Pins,
  answers: RegistryAnswers,
): Found | undefined {
  const { service, targets } = want;
  if (service === undefined) return undefined;
  const works = situation.works.filter((work) => isFor(work, want));
  const pinned = pins.find(service.key, targets);
  const question = cellQuestion(want, pins, situation.input.settings.drivers.registry);
  const answer = question && answers.get(question.key);
  const other =
    pinned === undefined ? inPlaceOfFetched(works, answer) : inPlaceOfPinned(pinned, works, answer);
  if (other === undefined) return undefined;
  const { who, package: offered, origin, from, sha256 } = other;
  const target = situation.services.get(service.key)?.by.id ?? want.askedBy;
  const consent = acceptConsent(target, { service: service.key, sha256, offered, from });
  return {
    ...(pinned === undefined ? {} : { pinned }),
    origin,
    offer: { who, sha256, package: offered, consent },
  };
}

interface Other extends Pick<Offer, 'who' | 'sha256' | 'package'> {
  readonly origin: PackageOrigin;
  readonly from: string;
}

/** A package with other bytes than the pinned one, from where that came from, and who has it. */
function inPlaceOfPinned(
  { package: about, origin, accepted }: PinnedPackage,
  works: readonly LiveWork[],
  answer: RegistryAnswer | undefined,
): Other | undefined {
  const { sha256 } = about;
  for (const work of works) {
    // What a builder makes has other bytes than what a registry has, and neither stands for the other.
    if (origin.kind !== 'unknown' && work.does !== (origin.kind === 'builder' ? 'build' : 'fetch')) continue;
    const made = publishedBy(work);
    const isSame = made === undefined || targetKey(made) !== targetKey(about) || made.sha256 === sha256;
    // What was given up for the pinned one is no news.
    if (isSame || accepted?.insteadOf.includes(made.sha256) === true) continue;
    return {
      who: `Pod ${podName(work)}`,
      sha256,
      package: made,
      origin: originOf(work),
      from: makerOf(work),
    };
  }
  if (origin.kind === 'builder' || answer?.state !== 'has') return undefined;
  const { package: offered, url } = answer;
  const isSame = offered.sha256 === sha256 || targetKey(offered) !== targetKey(about);
  return isSame
    ? undefined
    : { who: url, sha256, package: offered, origin: { kind: 'registry', url }, from: url };
}

/** What a registry has by now in place of what is being fetched from it. */
function inPlaceOfFetched(works: readonly LiveWork[], answer: RegistryAnswer | undefined): Other | undefined {
  if (answer?.state !== 'has') return undefined;
  const { package: offered, url } = answer;
  for (const { order } of works) {
    const asked = order.package;
    if (asked === undefined || asked.sha256 === offered.sha256) continue;
    const { sha256 } = asked;
    return { who: url, sha256, package: offered, origin: { kind: 'registry', url }, from: url };
  }
  return undefined;
}

function originOf({ does, pod, order: { url = '' } }: LiveWork): PackageOrigin {
  return does === 'build' ? { kind: 'builder', pod } : { kind: 'registry', url };
}

/** Where what a pod has published comes from: an address, or the manifest of the builder, whichever pod it had. */
function makerOf({ does, order: { url = '', owner } }: LiveWork): string {
  if (does === 'fetch') return url;
  if (owner === undefined) return 'a builder';
  const { kind, namespace, name } = parseObjectId(owner as ObjectId);
  return `builds of ${kind} ${namespace ?? ''}/${name}`;
}

/** All that is offered and that nobody has accepted yet, in the order of cells. */
export function acceptancesAsked(
  wants: readonly CellWant[],
  offers: ReadonlyMap<string, Offer>,
): readonly AcceptanceAsked[] {
  return wants.flatMap(({ key, nodes }) => {
    const offer = offers.get(key);
    return offer === undefined || offer.accepted !== undefined ? [] : [{ consent: offer.consent, nodes }];
  });
}

/** The Approvals by which this pass trusts other packages. */
export function acceptances(offers: ReadonlyMap<string, Offer>): readonly Grant[] {
  return [...offers.values()].flatMap(({ accepted = [] }) => accepted);
}
