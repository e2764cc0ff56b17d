import { KubeApi } from '../../reconciler/world/kubeapi/kube-api.ts';
import { loadKubeConfig } from '../../reconciler/world/kubeapi/load-kube-config.ts';
import { REPORT_PREFIX } from '../../schemas/node/config-maps.ts';
import type { CommandOf } from '../args/command.ts';
import { nodeName } from '../args/values.ts';
import type { Program } from '../cli.ts';
import { nodeConfigMaps } from '../cluster/node-config-maps.ts';
import { openExec } from '../command.ts';
import { DriverKeeper } from '../drivers/driver-keeper.ts';
import { NodeNameError, UsageError } from '../errors.ts';
import { openDriverHands } from '../host/driver-hands.ts';
import { openLog } from '../log.ts';
import { abandonLate, nodeOf } from '../node-of.ts';
import { STEADY_TIME } from '../time.ts';
import { Health } from './health.ts';
import { listenForProbes } from './listen-for-probes.ts';
import { runAgent } from './run-agent.ts';

/** Names of objects have at most so many characters. */
const MAX_NAME = 253;

/** `weka-nodeagent run`: the agent of this node, until the process is asked to end. */
export async function run(command: CommandOf<'run'>, program: Program): Promise<void> {
  const signal = program.stopSignal();
  const { env, version } = program;
  const host = program.openHost(command.root);
  const named = env['NODE_NAME'] || undefined;
  const given = command.node ?? (named === undefined ? undefined : nodeName('NODE_NAME', named));
  const node = await nodeOf(host, command.root, given);
  if (REPORT_PREFIX.length + node.length > MAX_NAME) {
    throw new NodeNameError(`${node} is too long to be part of the name of a ConfigMap.`);
  }
  const connection = await loadKubeConfig({ kubeconfig: command.kubeconfig, env });
  const namespace = command.namespace ?? connection.namespace;
  if (namespace === undefined) {
    throw new UsageError('It is not known in which namespace the ConfigMaps of nodes are.', {
      hint: 'Set --namespace to the namespace of the agents.',
    });
  }
  const log = openLog(program.complain, () => new Date());
  log.info({ node, namespace, server: connection.server.origin, version }, 'Begins');
  const health = new Health(STEADY_TIME);
  const probes = command.listen && (await listenForProbes(command.listen, health, log));
  const api = new KubeApi(connection, `weka-nodeagent/${version}`);
  try {
    await runAgent(
      {
        node,
        agentVersion: version,
        host,
        maps: nodeConfigMaps(api, namespace, node),
        time: STEADY_TIME,
        random: Math.random,
        log,
        health,
        drivers: (told) =>
          new DriverKeeper({
            ...told,
            host,
            hands: openDriverHands(host, command.root, openExec()),
            state: command.state,
            time: STEADY_TIME,
            random: Math.random,
            log,
          }),
      },
      signal,
    );
  } finally {
    probes?.close();
    await api.close();
  }
  abandonLate(host, program);
}
