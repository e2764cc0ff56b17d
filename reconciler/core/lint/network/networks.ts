import type { z } from 'zod';
import type { Network } from '../../../../schemas/weka/network.ts';
import type { Spec } from '../../spec/spec.ts';
import type { SpecSet } from '../spec-rule.ts';

/** Network devices that a manifest asks for, and where it says so. */
export interface WrittenNetwork {
  readonly spec: Spec;
  readonly path: readonly string[];
  readonly network: z.infer<typeof Network>;
}

/** The networks of clusters, of their roles, of clients and of containers. */
export function* networks({ clusters, clients, containers }: SpecSet): Iterable<WrittenNetwork> {
  for (const spec of clusters) {
    const { network, roleNetworkSelector = {} } = spec.cluster.spec;
    if (network !== undefined) yield { spec, path: ['spec', 'network'], network };
    for (const [role, own] of Object.entries(roleNetworkSelector)) {
      if (own !== undefined) yield { spec, path: ['spec', 'roleNetworkSelector', role], network: own };
    }
  }
  for (const spec of clients) {
    const { network } = spec.client.spec;
    if (network !== undefined) yield { spec, path: ['spec', 'network'], network };
  }
  for (const spec of containers) {
    const { network } = spec.container.spec;
    if (network !== undefined) yield { spec, path: ['spec', 'network'], network };
  }
}
