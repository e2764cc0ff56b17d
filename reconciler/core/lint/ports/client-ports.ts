import type { SpecRule } from '../spec-rule.ts';
import { CLIENT_PORTS, describePorts } from './port-claims.ts';

const HIGHEST_PORT = 65_535;
/** A client has the ports of a container, and one of its agent (weka-operator §2.5). */
const NEEDED = CLIENT_PORTS + 1;

export const clientPorts: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'A client takes 100 ports and one for its agent, and does not start without them.',
  example: {
    wrong:
      'kind: WekaClient\nspec:\n  joinIpPorts: ["10.0.0.11:14000"]\n  portRange: { basePort: 45000, portRange: 100 }',
    right:
      'kind: WekaClient\nspec:\n  joinIpPorts: ["10.0.0.11:14000"]\n  portRange: { basePort: 45000, portRange: 101 }',
  },
  *check({ clients }) {
    for (const spec of clients) {
      const { port, agentPort, portRange } = spec.client.spec;
      const last = port + CLIENT_PORTS - 1;
      if (last > HIGHEST_PORT) {
        yield {
          spec,
          path: ['spec', 'port'],
          message: `A client takes ${describePorts({ first: port, last })}, and the highest port is ${HIGHEST_PORT}.`,
          hint: `Set port to ${HIGHEST_PORT - CLIENT_PORTS + 1} or less.`,
        };
      } else if (port > 0 && agentPort >= port && agentPort <= last) {
        yield {
          spec,
          path: ['spec', 'agentPort'],
          message: `Port ${agentPort} is among ${describePorts({ first: port, last })}, which the client itself takes.`,
          hint: `Set agentPort to another port, such as ${port - 1}, or remove it to have one chosen.`,
        };
      }
      const { basePort = 45_000, portRange: ports = 0 } = portRange ?? {};
      const end = ports === 0 ? HIGHEST_PORT : basePort + ports - 1;
      const count = end - basePort + 1;
      if (end > HIGHEST_PORT) {
        yield {
          spec,
          path: ['spec', 'portRange', 'portRange'],
          message: `The range would be ${describePorts({ first: basePort, last: end })}, and the highest port is ${HIGHEST_PORT}.`,
          hint: `Set portRange.portRange to ${HIGHEST_PORT - basePort + 1} or less, or to 0 for all up to the highest.`,
        };
      } else if (count < NEEDED && (port === 0 || agentPort === 0)) {
        yield {
          spec,
          path: ['spec', 'portRange', ports === 0 ? 'basePort' : 'portRange'],
          message: `The range has ${count} ports, and a client needs ${CLIENT_PORTS} + 1 = ${NEEDED}.`,
          hint:
            ports === 0
              ? `Set basePort to ${HIGHEST_PORT - NEEDED + 1} or less.`
              : `Widen portRange to ${NEEDED} ports or more.`,
        };
      }
    }
  },
};
