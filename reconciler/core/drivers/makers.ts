import { type DriverPackage, DRIVERS_PATH } from '../../../schemas/drivers/package.ts';
import { targetKey } from '../../../schemas/drivers/target.ts';
import type { ObjectId } from '../kube/object.ts';
import { type RegistryRefusal, registryRefusal } from './allowed-registry.ts';
import { buildPlace } from './build-place.ts';
import type { Builder } from './builders.ts';
import type { CellWant } from './cell-wants.ts';
import type { DriverPodWanted } from './decision.ts';
import type { DriverCell, RegistryAnswer } from './drivers.ts';
import type { PinnedPackage } from './lock.ts';
import {
  ableBuilders,
  foreignWords,
  isBuildable,
  type MissingWords,
  nobodyMakes,
  openAnswer,
  registryAwaited,
  targetWords,
  unnamedWords,
} from './missing-words.ts';
import type { Situation } from './situation.ts';
import { toolchainFor } from './toolchain.ts';
import type { LiveWork } from './works.ts';

/** What becomes of a cell, and the pods that it takes. */
export interface Made {
  readonly said: Pick<DriverCell, 'state' | 'why'> | MissingWords;
  readonly pods: readonly DriverPodWanted[];
}

/** The live pod that one takes the place of, and why. */
interface InPlaceOf {
  readonly work?: LiveWork;
  readonly again?: string;
  readonly answers?: readonly string[];
}

/** Whoever can make a package come to a service: the registry by being fetched from, else builders. */
export class Makers {
  readonly #situation: Situation;
  /** What each container builds in this pass: it has one pod. */
  readonly #busy: Map<ObjectId, CellWant>;

  /** `busy` is what containers are at work on by now. */
  constructor(situation: Situation, busy: ReadonlyMap<ObjectId, CellWant>) {
    this.#situation = situation;
    this.#busy = new Map(busy);
  }

  /** A pod for a cell that has nothing yet. */
  make(want: CellWant, answer: RegistryAnswer | undefined, place: InPlaceOf = {}): Made {
    const { service } = want;
    if (service === undefined) return nothing(unnamedWords(want, this.#situation));
    if (answer?.state === 'has' && want.builder === undefined) {
      const fetched = this.#fetch(want, answer.package, answer.url, place);
      if (fetched !== undefined) return fetched;
    }
    // What is built is pinned for good, so that a registry that may have it ready is waited for.
    const open = answer === undefined ? undefined : openAnswer(answer);
    if (open !== undefined && isBuildable(want, this.#situation)) {
      return nothing(registryAwaited(open, this.#situation));
    }
    return this.#build(want, answer, place);
  }

  /** A pod that makes the pinned package again, from where it came from: another would have other bytes. */
  makeAgain(want: CellWant, { package: about, origin }: PinnedPackage, place: InPlaceOf): Made {
    if (origin.kind !== 'registry') return this.#build(want, undefined, place);
    const refusal = originRefusal(origin.url, about, this.#situation.input.registries);
    if (refusal !== undefined) return nothing({ state: 'missing', ...refusal });
    const fetched = this.#fetch(want, about, origin.url, place);
    return fetched ?? nothing(foreignWords(want));
  }

  /** A live pod as it was made; undefined where nobody in the repository is behind it any more. */
  stay(work: LiveWork, want: CellWant): DriverPodWanted | undefined {
    return stayingPod(work, this.#ownerOf(work, want));
  }

  #fetch(want: CellWant, about: DriverPackage, url: string, place: InPlaceOf): Made | undefined {
    const { service, targets } = want;
    const dist = service && this.#situation.services.get(service.key);
    if (service === undefined || dist === undefined) return undefined;
    const pod: DriverPodWanted = {
      does: 'fetch',
      service: service.key,
      target: targets.find((each) => targetKey(each) === targetKey(about)) ?? targets[0],
      node: '',
      owner: dist.by.id,
      package: about,
      url,
      ...placed(inPlaceOf('fetch', place)),
    };
    return { said: { state: 'fetching' }, pods: [pod] };
  }

  #build(want: CellWant, answer: RegistryAnswer | undefined, place: InPlaceOf): Made {
    const { service, targets, image, imagePullSecret, buildId } = want;
    const [target] = targets;
    const able = ableBuilders(want, this.#situation);
    const waits: Builder[] = [];
    for (const builder of able) {
      const found = buildPlace(this.#situation, builder, target);
      if (!('node' in found)) continue;
      const busyWith = this.#busy.get(builder.id);
      if (builder.kind === 'container' && busyWith !== undefined && hasToWait(want, busyWith)) {
        waits.push(builder);
        continue;
      }
      if (builder.kind === 'container') this.#busy.set(builder.id, want);
      const secret = builder.imagePullSecret ?? imagePullSecret;
      const id = builder.buildId ?? buildId;
      const toolchain = toolchainFor(this.#situation, found.node);
      const pod: DriverPodWanted = {
        does: 'build',
        service: service?.key ?? '',
        target,
        node: found.node,
        owner: builder.id,
        image: builder.image ?? image,
        ...(secret === undefined ? {} : { imagePullSecret: secret }),
        ...(id === undefined ? {} : { buildId: id }),
        ...(toolchain === undefined ? {} : { toolchain }),
        ...(found.isAhead === true ? { isAhead: true } : {}),
        ...this.#inPlaceOf(builder, place, want),
      };
      return { said: { state: 'building' }, pods: [pod] };
    }
    const [busy] = waits;
    if (busy !== undefined) {
      return {
        said: { state: 'building', why: `It waits for ${busy.words}, which builds something else first.` },
        pods: [],
      };
    }
    return nothing(nobodyMakes(want, answer, this.#situation));
  }

  /** A container has one pod: one that is done makes way for the next. */
  #inPlaceOf(
    builder: Builder,
    { work, again, answers }: InPlaceOf,
    want: CellWant,
  ): Partial<DriverPodWanted> {
    const its =
      builder.kind === 'container'
        ? this.#situation.works.find(({ order }) => order.does === 'build' && order.owner === builder.id)
        : undefined;
    if (its !== undefined && its !== work) {
      const before = its.target === undefined ? 'something else' : targetWords(its.target);
      return placed({
        work: its,
        again: `It was for ${before}, and ${targetWords(want.targets[0])} come next.`,
        ...(answers === undefined ? {} : { answers }),
      });
    }
    // A pod of another builder has another name, and goes by itself.
    const isOwn = work === undefined || (work.does === 'build' && work.order.owner === builder.id);
    return placed({
      ...(isOwn && work !== undefined ? { work } : {}),
      ...(isOwn && again !== undefined ? { again } : {}),
      ...(answers === undefined ? {} : { answers }),
    });
  }

  #ownerOf({ order }: LiveWork, { service }: CellWant): ObjectId | undefined {
    if (order.does === 'fetch') return this.#situation.services.get(service?.key ?? '')?.by.id;
    return this.#situation.builders.find(({ id }) => id === order.owner)?.id;
  }
}

/** Whether a builder that is busy has to be waited for: what a node needs now comes before what one will need. */
function hasToWait(want: CellWant, busyWith: CellWant): boolean {
  return busyWith.key !== want.key && (want.isComing || !busyWith.isComing);
}

/** A live pod as it was made. */
export function stayingPod(
  { order, node, pod, target }: LiveWork,
  owner: ObjectId | undefined,
): DriverPodWanted | undefined {
  if (owner === undefined || target === undefined) return undefined;
  const { does, service, image, imagePullSecret, buildId, isAhead, package: about, url, answers } = order;
  return {
    does,
    service,
    target,
    node: node ?? '',
    owner,
    ...(image === undefined ? {} : { image }),
    ...(imagePullSecret === undefined ? {} : { imagePullSecret }),
    ...(buildId === undefined ? {} : { buildId }),
    ...(isAhead === undefined ? {} : { isAhead }),
    ...(about === undefined ? {} : { package: about }),
    ...(url === undefined ? {} : { url }),
    ...(answers === undefined ? {} : { answers }),
    live: pod,
  };
}

/** A pod that does something else has another name, and goes by itself. */
function inPlaceOf(does: DriverPodWanted['does'], place: InPlaceOf): InPlaceOf {
  const { work, answers } = place;
  if (work === undefined || work.does === does) return place;
  return answers === undefined ? {} : { answers };
}

function placed({ work, again, answers }: InPlaceOf): Partial<DriverPodWanted> {
  return {
    ...(answers === undefined || answers.length === 0 ? {} : { answers }),
    ...(work === undefined ? {} : { live: work.pod }),
    ...(work === undefined || again === undefined ? {} : { again }),
  };
}

/** Why a package may not be fetched from where it came from: the configuration may have changed since. */
function originRefusal(
  url: string,
  { file }: DriverPackage,
  registries: readonly string[] | undefined,
): RegistryRefusal | undefined {
  const end = `${DRIVERS_PATH}/${file}`;
  return registryRefusal(url.endsWith(end) ? url.slice(0, -end.length) : url, registries);
}

function nothing(said: Made['said']): Made {
  return { said, pods: [] };
}
