import { DIST_PORT } from '../../../schemas/drivers/package.ts';
import { type DriverTarget, targetKey } from '../../../schemas/drivers/target.ts';
import { DISTRIBUTES } from '../desired/dist-services.ts';
import { parseObjectId, type ObjectId } from '../kube/object.ts';
import { imageVersion } from '../lint/client/image-version.ts';
import { compareText } from '../placement/compare-text.ts';
import { buildPlace } from './build-place.ts';
import { type Builder, isChosenBy } from './builders.ts';
import type { RegistryAnswers } from './decision.ts';
import { ownService } from './driver-service.ts';
import type { DriverService } from './drivers.ts';
import { type Need, type Targets, targetsFor } from './needs.ts';
import type { Pins } from './pins.ts';
import { directQuestion } from './questions.ts';
import { knownKernel, type Situation } from './situation.ts';
import type { LiveWork } from './works.ts';

/** A cell of the matrix, before anybody has looked whether there is a package for it. */
export interface CellWant {
  readonly key: string;
  readonly service: DriverService | undefined;
  readonly targets: Targets;
  readonly nodes: readonly string[];
  /** Image of WEKA whose drivers these are. */
  readonly image: string;
  readonly imagePullSecret?: string;
  readonly buildId?: string;
  /** Who asks first. */
  readonly asking: string;
  readonly askedBy: ObjectId;
  readonly isComing: boolean;
  /** The builder that builds it though nobody asks. */
  readonly builder?: ObjectId;
}

export function cellKey(service: DriverService | undefined, target: DriverTarget): string {
  return `${service?.key ?? ''} ${targetKey(target)}`;
}

/** Where each need is met: where its manifest says or, where that has not what is needed, where a builder of this cluster makes it. */
export function meetNeeds(
  needs: readonly Need[],
  situation: Situation,
  pins: Pins,
  answers: RegistryAnswers,
): readonly { readonly need: Need; readonly want: CellWant }[] {
  return needs.map((need) => {
    const inCluster = fallback(need, situation, pins, answers);
    const service = inCluster ?? need.service;
    const targets = inCluster === undefined ? need.targets : need.ownTargets;
    const want: CellWant = {
      key: cellKey(service, targets[0]),
      service,
      targets,
      nodes: need.isComing === true ? [] : need.nodes,
      image: need.image,
      ...(need.imagePullSecret === undefined ? {} : { imagePullSecret: need.imagePullSecret }),
      ...(need.buildId === undefined ? {} : { buildId: need.buildId }),
      asking: `${need.owner} (${need.source})`,
      askedBy: need.ownerId,
      isComing: need.isComing === true,
    };
    return { need, want };
  });
}

/** The service of this cluster that takes the place of a registry which has nothing for a target. */
function fallback(
  { service, targets, ownTargets, ownerId }: Need,
  situation: Situation,
  pins: Pins,
  answers: RegistryAnswers,
): DriverService | undefined {
  if (service === undefined || service.inCluster !== undefined) return undefined;
  if (pins.find(service.key, targets) !== undefined) return undefined;
  const { namespace = '' } = parseObjectId(ownerId);
  const [target] = ownTargets;
  const able = situation.builders
    .filter(({ version }) => version === undefined || version === target.version)
    .flatMap((builder) => {
      const own = situation.services.get(builder.service);
      return own === undefined ? [] : [{ builder, own }];
    })
    .toSorted((a, b) => nearness(a.own.namespace, namespace) - nearness(b.own.namespace, namespace));
  // What was begun there goes on there, whatever the registry says by now.
  const begun = able.find(
    ({ own }) =>
      pins.find(own.key, ownTargets) !== undefined ||
      situation.works.some(
        (work) => work.service === own.key && work.target !== undefined && isAmong(ownTargets, work.target),
      ),
  );
  const question = directQuestion(service, targets[0]);
  const hasNot = question !== undefined && answers.get(question.key)?.state === 'has-not';
  const builds = situation.input.settings.drivers.builder;
  const next =
    hasNot && builds
      ? able.find(({ builder }) => 'node' in buildPlace(situation, builder, target))
      : undefined;
  const chosen = begun ?? next;
  return chosen && ownService(chosen.own, chosen.own.port);
}

function nearness(namespace: string, wanted: string): number {
  return namespace === wanted ? 0 : 1;
}

export function isAmong(targets: Targets, target: DriverTarget): boolean {
  return targets.some((each) => targetKey(each) === targetKey(target));
}

/** A pod at work that is about this cell. */
export function isFor({ does, service, target }: LiveWork, want: CellWant): boolean {
  return (
    does !== 'load' && service === want.service?.key && target !== undefined && isAmong(want.targets, target)
  );
}

/** What policies build before anybody asks for it (weka-operator §3.4). */
export function policyWants(situation: Situation): readonly CellWant[] {
  return situation.set.policies.flatMap(({ id, source, policy: { metadata, spec } }) => {
    const { ensureImages = [] } = spec.payload.driverDistPayload ?? {};
    const builder = situation.builders.find((each) => each.id === id);
    const own = builder && situation.services.get(builder.service);
    if (spec.type !== DISTRIBUTES || own === undefined) return [];
    return situation.nodes
      .filter((node) => isChosenBy(spec.payload.driverDistPayload, node))
      .flatMap(({ name }) =>
        ensureImages.flatMap((image) =>
          wantFor({
            situation,
            node: name,
            image,
            version: imageVersion(image)?.tag,
            service: ownService(own, own.port),
            asking: `WekaPolicy ${metadata.namespace}/${metadata.name} (${source})`,
            askedBy: id,
            imagePullSecret: spec.imagePullSecret,
          }),
        ),
      );
  });
}

/** What containers build that nobody asks for: for the first node that they may stand on. */
export function builderWants(situation: Situation, others: readonly CellWant[]): readonly CellWant[] {
  return situation.builders.flatMap((builder) => {
    const { kind, version, image, service: key } = builder;
    if (kind !== 'container' || image === undefined) return [];
    const isAsked = others.some(
      ({ service, targets, isComing }) =>
        !isComing &&
        service?.key === key &&
        targets[0].version === version &&
        'node' in buildPlace(situation, builder, targets[0]),
    );
    if (isAsked) return [];
    const service = serviceByKey(key, situation);
    const work = situation.works.find(({ does, order }) => does === 'build' && order.owner === builder.id);
    const node = situation.nodes.find(({ name }) => name === work?.node) ?? firstPlace(situation, builder);
    if (node === undefined) return [];
    const want = {
      situation,
      node: node.name,
      image,
      version,
      service,
      asking: builder.words,
      askedBy: builder.id,
    };
    const { imagePullSecret, buildId } = builder;
    return wantFor({ ...want, imagePullSecret, buildId }).map((each) => ({ ...each, builder: builder.id }));
  });
}

/** The first node that a builder may stand on and whose kernel is known. */
export function firstPlace(situation: Situation, builder: Builder): Situation['nodes'][number] | undefined {
  const possible = situation.nodes.filter(
    (node) => node.isReady && builder.mayRunOn(node) && knownKernel(situation, node.name) !== undefined,
  );
  return possible[0];
}

function serviceByKey(key: string, { services }: Pick<Situation, 'services'>): DriverService {
  const [namespace = '', name = ''] = key.split('/');
  return ownService({ namespace, name }, services.get(key)?.port ?? DIST_PORT);
}

function wantFor({
  situation,
  node,
  image,
  version,
  service,
  asking,
  askedBy,
  imagePullSecret,
  buildId,
}: {
  readonly situation: Situation;
  readonly node: string;
  readonly image: string;
  readonly version: string | undefined;
  readonly service: DriverService;
  readonly asking: string;
  readonly askedBy: ObjectId;
  readonly imagePullSecret?: string | undefined;
  readonly buildId?: string | undefined;
}): readonly CellWant[] {
  const kernel = knownKernel(situation, node);
  if (kernel === undefined || version === undefined) return [];
  const targets = targetsFor({ version, kernel, explicit: buildId, isInCluster: true });
  if ('why' in targets) return [];
  return [
    {
      key: cellKey(service, targets[0]),
      service,
      targets,
      nodes: [],
      image,
      ...(imagePullSecret ? { imagePullSecret } : {}),
      ...(buildId === undefined ? {} : { buildId }),
      asking,
      askedBy,
      isComing: false,
    },
  ];
}

/** Each cell once, in the order of their keys: the first that asks says how, and all nodes that need it are told. */
export function mergeWants(wants: readonly CellWant[]): readonly CellWant[] {
  const merged = new Map<string, CellWant>();
  for (const want of wants) {
    const known = merged.get(want.key);
    merged.set(
      want.key,
      known === undefined
        ? want
        : {
            ...known,
            nodes: [...new Set([...known.nodes, ...want.nodes])].toSorted(compareText),
            isComing: known.isComing && want.isComing,
          },
    );
  }
  return [...merged.values()].toSorted((a, b) => compareText(a.key, b.key));
}
