import { clusterLookup, targetOf } from '../client/target-of.ts';
import type { SpecOf, SpecSet } from '../spec-rule.ts';
import { type ServiceAddress, serviceAddress } from './service-address.ts';

/** A manifest that says where driver packages come from. */
export interface DriversUser {
  readonly spec: SpecOf<'WekaCluster'> | SpecOf<'WekaClient'> | SpecOf<'WekaContainer'>;
  /** What it says. */
  readonly written: string;
  /** Undefined where that is no address. */
  readonly address: ServiceAddress | undefined;
  /** Image whose drivers it needs. */
  readonly image: string;
  /** The cluster that clients join, where it is in the repository. */
  readonly cluster?: SpecOf<'WekaCluster'>;
}

export const DRIVERS_PATH = ['spec', 'driversDistService'];

/** Manifests that name a distribution service of their own. */
export function driversUsers(set: SpecSet): readonly DriversUser[] {
  const find = clusterLookup(set);
  const users: (Omit<DriversUser, 'written' | 'address'> & { readonly says: string | undefined })[] = [
    ...set.clusters.map((spec) => ({
      spec,
      says: spec.cluster.spec.driversDistService,
      image: spec.cluster.spec.image,
    })),
    ...set.clients.map((spec) => {
      const cluster = find(targetOf(spec.client.spec));
      const { driversDistService: says, image } = spec.client.spec;
      return { spec, says, image, ...(cluster === undefined ? {} : { cluster }) };
    }),
    ...set.containers.map((spec) => ({
      spec,
      says: spec.container.spec.driversDistService,
      image: spec.container.spec.image,
    })),
  ];
  return users.flatMap(({ says, ...user }) =>
    says === undefined || says === ''
      ? []
      : [{ ...user, written: says, address: serviceAddress(says, namespaceOf(user.spec)) }],
  );
}

function namespaceOf({ manifest }: DriversUser['spec']): string {
  return manifest.metadata.namespace ?? '';
}
