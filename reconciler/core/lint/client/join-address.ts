import { quoted } from '../../spec/text.ts';
import type { SpecRule } from '../spec-rule.ts';
import { hostPortFault } from './host-port.ts';

export const joinAddress: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'Containers join a cluster at HOST:PORT, and know no port of their own.',
  example: {
    wrong: 'kind: WekaClient\nspec:\n  joinIpPorts: [10.0.0.11]',
    right: 'kind: WekaClient\nspec:\n  joinIpPorts: ["10.0.0.11:14000"]',
  },
  *check({ clusters, clients, containers }) {
    const joining = [
      ...clusters.map((spec) => ({
        spec,
        field: 'expandEndpoints',
        addresses: spec.cluster.spec.expandEndpoints,
      })),
      ...clients.map((spec) => ({ spec, field: 'joinIpPorts', addresses: spec.client.spec.joinIpPorts })),
      ...containers.map((spec) => ({
        spec,
        field: 'joinIpPorts',
        addresses: spec.container.spec.joinIpPorts,
      })),
    ];
    for (const { spec, field, addresses = [] } of joining) {
      for (const [index, address] of addresses.entries()) {
        const fault = hostPortFault(address);
        if (fault === undefined) continue;
        yield {
          spec,
          path: ['spec', field, index],
          message: `${quoted(address)} ${fault}.`,
          hint: 'Write HOST:PORT, such as 10.0.0.11:14000 or [fd00::11]:14000.',
        };
      }
    }
  },
};
