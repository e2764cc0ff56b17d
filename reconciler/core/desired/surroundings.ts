import type { Spec } from '../spec/spec.ts';
import {
  DISTRIBUTES,
  type DistService,
  placeNamed,
  policyServiceName,
  serviceNames,
  type UploadPlace,
} from './dist-services.ts';

/** What other manifests say that matters to what one is built into. */
export interface Surroundings {
  /** Where a builder brings its packages. */
  readonly upload?: UploadPlace;
  /** The names by which others know what serves packages. */
  readonly names?: readonly string[];
  /** Whether there is a claim for what a policy serves. */
  readonly hasClaim?: boolean;
}

const ALONE: Surroundings = {};

/** That of one manifest. */
export function surroundingsOf(
  spec: Spec,
  specs: readonly Spec[],
  services: ReadonlyMap<string, DistService>,
  /** `namespace/name` of claims that others keep. */
  claims: readonly string[],
): Surroundings {
  if (spec.kind === 'WekaPolicy' && isDistributing(spec)) {
    const { namespace, name } = spec.policy.metadata;
    return { hasClaim: hasClaim(specs, claims, namespace, policyServiceName(name)) };
  }
  if (spec.kind !== 'WekaContainer') return ALONE;
  const { metadata, spec: container } = spec.container;
  const { namespace, name } = metadata;
  if (container.mode === 'drivers-builder') {
    const { uploadResultsTo: target } = container;
    return target ? { upload: placeNamed(target, namespace, services, specs) } : ALONE;
  }
  const behind = [...services.values()].filter(
    (service) => service.namespace === namespace && service.served.includes(name),
  );
  // Where no Service leads to it, one of its own name may be kept by others.
  const known = behind.length === 0 ? [{ namespace, name }] : behind;
  return { names: [...new Set(known.flatMap(serviceNames))].toSorted() };
}

function hasClaim(
  specs: readonly Spec[],
  others: readonly string[],
  namespace: string,
  name: string,
): boolean {
  if (others.includes(`${namespace}/${name}`)) return true;
  return specs.some(
    ({ kind, manifest: { kind: what, metadata } }) =>
      kind === 'object' &&
      what === 'PersistentVolumeClaim' &&
      metadata.name === name &&
      metadata.namespace === namespace,
  );
}

/** Whether a policy distributes drivers. */
export function isDistributing({ policy }: Extract<Spec, { kind: 'WekaPolicy' }>): boolean {
  return policy.spec.type === DISTRIBUTES;
}
