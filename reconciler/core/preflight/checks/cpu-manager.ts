import { isKnown } from '../../../../schemas/node/observed.ts';
import { fail, type Mend, mend, NODE, pass, unclear } from '../answer.ts';
import type { NodeCheck } from '../check.ts';
import { heredoc } from '../mends.ts';
import type { Family } from '../system.ts';

export const cpuManager: NodeCheck = {
  about: 'the static CPU manager of the kubelet',
  why: 'Only a kubelet with the static CPU manager gives containers cores of their own, and WEKA pins its processes to them.',
  concerns: ({ hosted }) => hosted.some(({ pinned }) => pinned),
  from: 'report',
  check({ observed: { cpuManager: seen }, system }) {
    if (!isKnown(seen)) {
      return unclear(seen.unknown, mend('Look at the node.', 'sudo cat /var/lib/kubelet/cpu_manager_state'));
    }
    if (seen.policy === 'static') return pass('static');
    return fail(`policy ${seen.policy}`, 'policy static', setStatic(system.family));
  },
};

/** The kubelet refuses to start with another policy than the one of its state, so the state has to go (weka-operator §6.4). */
function setStatic(family: Family | undefined): Mend {
  if (family === 'rhcos') {
    return mend(
      'Set the policy for the pool of nodes; they reboot one after another.',
      heredoc([
        'apiVersion: machineconfiguration.openshift.io/v1',
        'kind: KubeletConfig',
        'metadata: { name: weka-static-cpus }',
        'spec:',
        '  machineConfigPoolSelector:',
        '    matchLabels: { pools.operator.machineconfiguration.openshift.io/worker: "" }',
        '  kubeletConfig: { cpuManagerPolicy: static, reservedSystemCPUs: "0" }',
      ]),
    );
  }
  if (family === 'cos') {
    return mend(
      'Set the policy in the system configuration of the node pool; its nodes are made anew.',
      `printf 'kubeletConfig:\\n  cpuManagerPolicy: static\\n' > weka-pool.yaml`,
      'gcloud container node-pools update POOL --cluster CLUSTER --system-config-from-file weka-pool.yaml',
    );
  }
  return mend(
    'Drain the node, set the policy in the configuration of its kubelet, and let it start with a new state.',
    `kubectl drain ${NODE} --ignore-daemonsets --delete-emptydir-data`,
    "sudo sed -i -e '/^cpuManagerPolicy:/d' -e '/^reservedSystemCPUs:/d' /var/lib/kubelet/config.yaml",
    `printf 'cpuManagerPolicy: static\\nreservedSystemCPUs: "0"\\n' | sudo tee -a /var/lib/kubelet/config.yaml`,
    'sudo systemctl stop kubelet && sudo rm -f /var/lib/kubelet/cpu_manager_state && sudo systemctl start kubelet',
    `kubectl uncordon ${NODE}`,
  );
}
