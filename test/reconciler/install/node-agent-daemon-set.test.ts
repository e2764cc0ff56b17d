import { expect, it } from 'vitest';
import { nodeAgentDaemonSet } from '../../../reconciler/install/node-agent-daemon-set.ts';

interface Probe {
  readonly httpGet: { readonly host: string; readonly port: number };
}

it('has agents asked at the port that is configured, and nowhere else', () => {
  const { spec } = nodeAgentDaemonSet({
    account: { namespace: 'nodes', serviceAccount: 'weka-nodeagent' },
    probePort: 15_000,
    installation: 'second',
    image: 'weka-gitops:1',
    priorityClass: 'second',
    labels: {},
  }) as unknown as {
    spec: {
      template: {
        spec: {
          containers: [{ args: string[]; startupProbe: Probe; livenessProbe: Probe; readinessProbe: Probe }];
        };
      };
    };
  };
  const [agent] = spec.template.spec.containers;
  const { args, startupProbe, livenessProbe, readinessProbe } = agent;
  expect(args.slice(-2)).toEqual(['--listen', '127.0.0.1:15000']);
  for (const { httpGet } of [startupProbe, livenessProbe, readinessProbe]) {
    expect(httpGet).toMatchObject({ host: '127.0.0.1', port: 15_000 });
  }
});
