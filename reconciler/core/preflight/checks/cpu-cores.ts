import { coreWords } from '../amounts.ts';
import { fail, mend, pass } from '../answer.ts';
import type { NodeCheck } from '../check.ts';
import { forWhom, needOf } from '../hosted.ts';

/** As the pods ask for them (weka-operator §2.3): where a core runs two threads, each core for data takes both. */
export const cpuCores: NodeCheck = {
  about: 'enough free cores',
  why: 'Containers take whole cores; one for which there are none stays pending.',
  concerns: ({ hosted }) => needOf(hosted).cpuMillis > 0,
  from: 'node',
  check({ node, hosted, free }) {
    const { cpuMillis } = needOf(hosted);
    const threads =
      node.hyperThreading === undefined
        ? ''
        : node.hyperThreading
          ? ', with hyper-threading'
          : ', without hyper-threading';
    const seen = `${coreWords(Math.max(0, free.cpuMillis))} free of ${coreWords(node.allocatable.cpuMillis)}${threads}`;
    if (free.cpuMillis >= cpuMillis) return pass(seen);
    return fail(
      seen,
      `${coreWords(cpuMillis)} ${forWhom(hosted)}`,
      mend(
        'Move other pods away, ask for fewer cores in the manifest, or choose a larger node.',
        'kubectl get pods -A -o wide --field-selector spec.nodeName=NODE',
      ),
    );
  },
};
