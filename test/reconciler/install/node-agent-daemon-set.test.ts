import { describe, expect, it } from 'vitest';
import { nodeAgentDaemonSet } from '../../../reconciler/install/node-agent-daemon-set.ts';

interface Probe {
  readonly httpGet: { readonly host: string; readonly port: number };
}

interface Agent {
  readonly args: readonly string[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly securityContext: object;
  readonly volumeMounts: readonly object[];
}

function pod() {
  const { spec } = nodeAgentDaemonSet({
    account: { namespace: 'nodes', serviceAccount: 'weka-nodeagent' },
    probePort: 15_000,
    installation: 'second',
    image: 'weka-gitops:1',
    priorityClass: 'second',
    labels: {},
  }) as unknown as {
    spec: { template: { spec: { containers: [Agent]; volumes: readonly object[] } } };
  };
  const { containers, volumes } = spec.template.spec;
  return { agent: containers[0], volumes };
}

describe('the agents of nodes', () => {
  it('are asked at the port that is configured, and nowhere else', () => {
    const { args, startupProbe, livenessProbe, readinessProbe } = pod().agent;
    expect(args.slice(-2)).toEqual(['--listen', '127.0.0.1:15000']);
    for (const { httpGet } of [startupProbe, livenessProbe, readinessProbe]) {
      expect(httpGet).toMatchObject({ host: '127.0.0.1', port: 15_000 });
    }
  });

  it('keep packages of drivers on their nodes, at the path that they are told', () => {
    const { agent, volumes } = pod();
    const state = '/var/lib/weka-nodeagent';
    expect(agent.args.join(' ')).toContain(`--state ${state}`);
    expect(agent.volumeMounts).toContainEqual({ name: 'state', mountPath: state });
    expect(volumes).toContainEqual({ name: 'state', hostPath: { path: state, type: 'DirectoryOrCreate' } });
  });

  it('read all of their nodes, load modules, and have no other power of root', () => {
    expect(pod().agent.securityContext).toEqual({
      runAsUser: 0,
      runAsGroup: 0,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'], add: ['DAC_READ_SEARCH', 'SYS_MODULE'] },
      privileged: false,
      readOnlyRootFilesystem: true,
    });
  });

  it('write nothing of their nodes but what they keep', () => {
    const written = pod().agent.volumeMounts.filter((mount) => !('readOnly' in mount));
    expect(written).toEqual([{ name: 'state', mountPath: '/var/lib/weka-nodeagent' }]);
  });
});
