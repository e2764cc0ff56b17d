import type { SpecRule } from '../spec-rule.ts';
import { CONTAINER_PORTS, DEFAULT_RANGE, SINGLE_PORTS } from './cluster-ports.ts';
import { eachCluster } from '../cluster/each-cluster.ts';

export const portOverlap: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'Two that listen on one port of a node keep each other from starting.',
  example: {
    wrong: 'spec:\n  ports: { basePort: 35000, s3Port: 35050 }',
    right: 'spec:\n  ports: { basePort: 35000, s3Port: 9001 }',
  },
  check: eachCluster(function* ({ ports }) {
    if (ports === undefined) return;
    const taken = new Map<number, string>();
    for (const field of SINGLE_PORTS) {
      const port = ports[field];
      if (!port) continue;
      const other = taken.get(port);
      if (other !== undefined) {
        yield {
          path: ['spec', 'ports', field],
          message: `Port ${port} is ${other} already.`,
          hint: 'Choose another port, or remove the field to have one chosen.',
        };
      }
      taken.set(port, field);
      const base = ports.basePort ?? 0;
      const last = base + Math.min(ports.portRange || DEFAULT_RANGE, CONTAINER_PORTS) - 1;
      if (base === 0 || port < base || port > last) continue;
      yield {
        path: ['spec', 'ports', field],
        message: `Port ${port} is among ${base} to ${last}, which the containers of the cluster take.`,
        hint: 'Choose a port outside the range, or remove the field to have one chosen.',
      };
    }
  }),
};
