import { count } from '../../report/plain.ts';
import { mend, pass, unclear } from '../answer.ts';
import type { ClusterCheck } from '../check.ts';

/** What is broken asks for nothing, and so nobody knows what the nodes are to host. */
export const manifests: ClusterCheck = {
  about: 'manifests without errors',
  why: 'Nodes are held against what the manifests ask for, and what is broken cannot ask for anything.',
  check({ manifestErrors }) {
    if (manifestErrors === undefined) return undefined;
    if (manifestErrors === 0) return pass('no errors');
    return unclear(
      `The manifests have ${count(manifestErrors, 'error')}, and what is broken asks for nothing here.`,
      mend('Mend the manifests; this lists their errors with file and line.', 'weka-gitops validate .'),
    );
  },
};
