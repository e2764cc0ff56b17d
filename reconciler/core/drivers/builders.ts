import { DISTRIBUTES, type DistService, placeNamed, policyServiceName } from '../desired/dist-services.ts';
import { hasLabels } from '../facts/node-match.ts';
import type { ObjectId } from '../kube/object.ts';
import { imageVersion } from '../lint/client/image-version.ts';
import { describeReference } from '../lint/client/target-of.ts';
import type { SpecOf, SpecSet } from '../lint/spec-rule.ts';
import { compareText } from '../placement/compare-text.ts';
import type { DriverNode } from './decision.ts';

/** A manifest that builds drivers. */
export interface Builder {
  readonly id: ObjectId;
  /** `WekaPolicy weka/drivers (drivers.yaml:3)`. */
  readonly words: string;
  /** Key of the service that its packages go to. */
  readonly service: string;
  /** `container` builds one thing at a time, in one pod; a policy has a pod for each. */
  readonly kind: 'container' | 'policy';
  /** The only version that it builds; undefined for any. */
  readonly version?: string;
  /** The only image that it runs; a policy runs the image that drivers are for. */
  readonly image?: string;
  readonly imagePullSecret?: string;
  readonly buildId?: string;
  /** Whether something of its own runs before a build, which may get the headers. */
  readonly hasScript: boolean;
  readonly mayRunOn: (node: DriverNode) => boolean;
}

/** All that builds drivers: containers first, since they are about something particular; each kind by its ids. */
export function driverBuilders(
  { specs, containers, policies }: Pick<SpecSet, 'specs' | 'containers' | 'policies'>,
  services: ReadonlyMap<string, DistService>,
): readonly Builder[] {
  const byId = (a: Builder, b: Builder) => compareText(a.id, b.id);
  return [
    ...containers.flatMap((spec) => containerBuilder(spec, services, specs)).toSorted(byId),
    ...policies.flatMap((spec) => policyBuilder(spec)).toSorted(byId),
  ];
}

function containerBuilder(
  { id, source, container: { metadata, spec } }: SpecOf<'WekaContainer'>,
  services: ReadonlyMap<string, DistService>,
  specs: SpecSet['specs'],
): readonly Builder[] {
  if (spec.mode !== 'drivers-builder' || !spec.uploadResultsTo) return [];
  const version = spec.builder?.weka_version || imageVersion(spec.image)?.tag;
  if (version === undefined) return [];
  const { nodeSelector = {}, nodeAffinity, overrides, driversBuildId } = spec;
  return [
    {
      id,
      words: `WekaContainer ${describeReference(metadata)} (${source})`,
      service: placeNamed(spec.uploadResultsTo, metadata.namespace, services, specs).service,
      kind: 'container',
      version,
      image: spec.image,
      ...(spec.imagePullSecret ? { imagePullSecret: spec.imagePullSecret } : {}),
      ...(driversBuildId && driversBuildId !== 'auto' ? { buildId: driversBuildId } : {}),
      hasScript: Boolean(overrides?.preRunScript),
      mayRunOn: (node) => hasLabels(node, nodeSelector) && (!nodeAffinity || nodeAffinity === node.name),
    },
  ];
}

function policyBuilder({ id, source, policy: { metadata, spec } }: SpecOf<'WekaPolicy'>): readonly Builder[] {
  if (spec.type !== DISTRIBUTES) return [];
  const { builderPreRunScript } = spec.payload.driverDistPayload ?? {};
  const { namespace, name } = metadata;
  return [
    {
      id,
      words: `WekaPolicy ${describeReference(metadata)} (${source})`,
      service: describeReference({ namespace, name: policyServiceName(name) }),
      kind: 'policy',
      ...(spec.imagePullSecret ? { imagePullSecret: spec.imagePullSecret } : {}),
      hasScript: Boolean(builderPreRunScript),
      mayRunOn: (node) => isChosenBy(spec.payload.driverDistPayload, node),
    },
  ];
}

/** Whether a policy's selectors choose a node: one of them or, where there is none, every node of Linux. */
export function isChosenBy(
  payload: { readonly nodeSelectors?: readonly Readonly<Record<string, string>>[] | undefined } | undefined,
  node: Pick<DriverNode, 'labels'>,
): boolean {
  const { nodeSelectors = [] } = payload ?? {};
  if (nodeSelectors.length === 0) return hasLabels(node, {});
  return nodeSelectors.some((labels) => hasLabels(node, labels));
}
