import { describe, expect, it } from 'vitest';
import type { NodeObservation } from '../../../../schemas/node-report.ts';
import { aConfigMap, aNode, cluster, factsOf, nodes, saidOf } from '../lint/facts/build-facts.ts';
import { aReport, aReportMap, anAgent, BOOT } from './build-reports.ts';

const NAMES = nodes(6).map((_, index) => `node-${'abcdef'[index]}`);

/** Six nodes whose agents report this of them. */
function reporting(
  observed: (name: string) => Partial<NodeObservation>,
  { boot = BOOT, ...has }: { readonly boot?: string; readonly cpu?: string } = {},
): readonly object[] {
  return NAMES.flatMap((name) => [
    aNode(name, { info: { bootID: boot }, has }),
    anAgent(name),
    aReportMap(name, aReport(name, observed(name))),
  ]);
}

const KUBELET = aConfigMap('kube-system', 'kubelet-config', {
  data: { kubelet: 'kind: KubeletConfiguration\ncpuManagerPolicy: none\n' },
});

describe('what rules say of nodes whose agents report', () => {
  it('names those without the static CPU manager, whatever kubeadm keeps', () => {
    const policy = (name: string) => ({
      cpuManager: { policy: name === 'node-b' ? 'none' : 'static', sharedCpus: '' },
    });
    expect(saidOf(cluster(), factsOf(reporting(policy)), 'static-cpu-manager')).toEqual([
      'warning static-cpu-manager: Containers of cluster demo need whole cores, and the CPU manager is not the static one on nodes of cluster demo: none on node-b. Set cpuManagerPolicy: static and reservedSystemCPUs: "0" on those kubelets, one drained node after another, or set the rule to silent where they have it already.',
    ]);
    const all = () => ({ cpuManager: { policy: 'static', sharedCpus: '' } });
    expect(saidOf(cluster(), factsOf(reporting(all), KUBELET), 'static-cpu-manager')).toEqual([]);
  });

  it('goes by what kubeadm keeps where no report counts', () => {
    const all = () => ({ cpuManager: { policy: 'static', sharedCpus: '' } });
    const boot = '6c1f6a4e-0000-4000-8000-00000000000f';
    const said = saidOf(cluster(), factsOf(reporting(all, { boot }), KUBELET), 'static-cpu-manager');
    expect(said[0]).toContain('ConfigMap kube-system/kubelet-config sets cpuManagerPolicy to none');
  });

  it('is about the disk of WEKA, and not about that of the node', () => {
    const persistence = (freeGiB: number, totalGiB = 400) => ({
      path: '/opt/k8s-weka',
      exists: 'yes' as const,
      fileSystem: 'xfs',
      mountPoint: '/opt/k8s-weka',
      totalGiB,
      freeGiB,
    });
    const room = factsOf(reporting(() => ({ persistence: persistence(300) })));
    expect(saidOf(cluster(), room, 'node-disk-space')).toEqual([]);
    const tight = factsOf(reporting(() => ({ persistence: persistence(20) })));
    expect(saidOf(cluster(), tight, 'node-disk-space')[0]).toContain('node-a has 20 of 60 GiB');
  });

  it('takes hyper-threading from the report', () => {
    const asked = cluster('{ dynamicTemplate: { driveContainers: 6, driveCores: 2 } }');
    const facts = (hyperThreading: 'on' | 'off') =>
      factsOf(reporting(() => ({ hyperThreading }), { cpu: '4' }));
    expect(saidOf(asked, facts('off'), 'nodes-for-role')).toEqual([]);
    expect(saidOf(asked, facts('on'), 'nodes-for-role')[0]).toContain('with 5 cores');
  });
});
