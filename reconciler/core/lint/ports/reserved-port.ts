import type { SpecRule } from '../spec-rule.ts';
import { clientClaims, clusterClaims, describePorts } from './port-claims.ts';

/** Ports of what runs beside clusters (weka-operator §2.5). */
const RESERVED: readonly { readonly port: number; readonly use: string }[] = [
  { port: 8090, use: 'the node agent' },
  { port: 13_000, use: 'the proxy of shared drives' },
  { port: 14_611, use: 'the catalog of data services' },
  { port: 60_001, use: 'the agent of driver distribution' },
  { port: 60_002, use: 'driver distribution' },
  { port: 60_039, use: 'pods of single operations' },
  { port: 60_040, use: 'pods of single operations' },
];

export const reservedPort: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'These ports belong to programs that run on every node beside the containers of a cluster.',
  example: {
    wrong: 'spec:\n  ports: { basePort: 60000, portRange: 500 }',
    right: 'spec:\n  ports: { basePort: 36000, portRange: 500 }',
  },
  *check({ clusters, clients }) {
    for (const claim of [...clusters.flatMap(clusterClaims), ...clients.flatMap(clientClaims)]) {
      const { spec, path, first, last } = claim;
      const mine = path.at(-1) === 'dataServicesPort' ? 14_611 : undefined;
      const taken = RESERVED.find(({ port }) => port >= first && port <= last && port !== mine);
      if (taken === undefined) continue;
      yield {
        spec,
        path,
        message:
          first === last
            ? `Port ${first} belongs to ${taken.use}.`
            : `Among ${describePorts(claim)} is ${taken.port}, which belongs to ${taken.use}.`,
        hint: 'Set another port, or remove it to have one chosen.',
      };
    }
  },
};
