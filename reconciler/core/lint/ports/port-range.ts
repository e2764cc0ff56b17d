import type { SpecRule } from '../spec-rule.ts';
import { CONTAINER_PORTS, DEFAULT_RANGE, SINGLE_PORTS_AFTER } from './cluster-ports.ts';
import { eachCluster } from '../cluster/each-cluster.ts';

const MIN_RANGE = CONTAINER_PORTS + SINGLE_PORTS_AFTER;

export const portRange: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'A range that is too small for the containers of one node, or that ends beyond the last port, leaves some without ports.',
  example: {
    wrong: 'spec:\n  ports: { basePort: 35000, portRange: 100 }',
    right: 'spec:\n  ports: { basePort: 35000, portRange: 500 }',
  },
  check: eachCluster(function* ({ ports }) {
    const { basePort = 0, portRange: range = 0 } = ports ?? {};
    if (range > 0 && range < MIN_RANGE) {
      yield {
        path: ['spec', 'ports', 'portRange'],
        message: `A cluster needs ${CONTAINER_PORTS} + ${SINGLE_PORTS_AFTER} = ${MIN_RANGE} ports (for containers and for single uses), and the range has ${range}.`,
        hint: `Set portRange to ${DEFAULT_RANGE}, or remove it.`,
      };
    }
    const last = basePort + (range || DEFAULT_RANGE) - 1;
    if (basePort > 0 && last > 65_535) {
      yield {
        path: ['spec', 'ports', 'basePort'],
        message: `The range would be ${basePort} to ${last}, and the last port is 65535.`,
        hint: `Set basePort to ${65_536 - (range || DEFAULT_RANGE)} or less.`,
      };
    }
  }),
};
