import { type Answer, fail, mend, pass, unclear } from '../answer.ts';
import type { ClusterCheck } from '../check.ts';
import { compareVersions, parseVersion, type Version } from '../version.ts';

/** The first whose tokens name the node of a pod, which is what binds an agent to its node. The vendor's operator asks for 1.26. */
const OLDEST_KUBERNETES = [1, 32] as const;

/** Where only nodes tell, the API server is at least as new as the newest kubelet. */
export const kubernetesVersion: ClusterCheck = {
  about: `Kubernetes ${OLDEST_KUBERNETES.join('.')} or later`,
  why: 'Before it the token of a pod does not name its node, so that no policy could bind an agent to its own.',
  check({ traits, facts: { nodes } }): Answer {
    const needed = `${OLDEST_KUBERNETES.join('.')} or later`;
    const upgrade = mend('Upgrade Kubernetes, one minor version after another.', 'kubectl version');
    const told = traits.version === undefined ? undefined : parseVersion(traits.version);
    if (traits.version !== undefined && told !== undefined) {
      const isNew = compareVersions(told, OLDEST_KUBERNETES) >= 0;
      return isNew ? pass(traits.version) : fail(traits.version, needed, upgrade);
    }
    let newest: { readonly text: string; readonly version: Version } | undefined;
    for (const { kubelet } of nodes) {
      const version = parseVersion(kubelet);
      if (version === undefined) continue;
      if (newest === undefined || compareVersions(version, newest.version) > 0)
        newest = { text: kubelet, version };
    }
    if (newest !== undefined && compareVersions(newest.version, OLDEST_KUBERNETES) >= 0) {
      return pass(`kubelets up to ${newest.text}`);
    }
    const kubelets =
      newest === undefined ? 'no kubelet tells its version' : `the newest kubelet is ${newest.text}`;
    return unclear(
      `Nothing tells the version of the API server, and ${kubelets}.`,
      mend('Ask the API server.', 'kubectl version'),
    );
  },
};
