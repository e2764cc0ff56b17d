import { isKnown } from '../../../../schemas/node/observed.ts';
import { toldBy } from '../../nodes/agent-report.ts';
import { coreWords } from '../amounts.ts';
import { type Answer, fail, mend, NODE, pass, unclear } from '../answer.ts';
import type { NodeCheck, NodeSubject } from '../check.ts';
import { forWhom, needOf } from '../hosted.ts';

/**
 * As the pods ask for them (weka-operator §2.3): where a core runs two threads, each core for data takes both. Where nothing
 * tells of that, what is enough without is not known to be enough.
 */
export const cpuCores: NodeCheck = {
  about: 'enough free cores',
  why: 'Containers take whole cores; one for which there are none stays pending.',
  concerns: ({ hosted }) => needOf(hosted).cpuMillis > 0,
  from: 'node',
  check(subject) {
    const { node, hosted, free } = subject;
    const { cpuMillis } = needOf(hosted);
    const least = hosted.reduce((sum, { leastCpuMillis }) => sum + leastCpuMillis, 0);
    const threads =
      node.hyperThreading === undefined
        ? ''
        : node.hyperThreading
          ? ', with hyper-threading'
          : ', without hyper-threading';
    const seen = `${coreWords(Math.max(0, free.cpuMillis))} free of ${coreWords(node.allocatable.cpuMillis)}${threads}`;
    if (free.cpuMillis >= cpuMillis) return pass(seen);
    if (free.cpuMillis >= least) return unknownThreads(subject);
    return fail(
      seen,
      `${coreWords(least)} ${forWhom(hosted)}`,
      mend(
        'Move other pods away, ask for fewer cores in the manifest, or choose a larger node.',
        `kubectl get pods -A -o wide --field-selector spec.nodeName=${NODE}`,
      ),
    );
  },
};

/** There are enough cores only if none runs two threads, which nobody tells. */
function unknownThreads({ report }: NodeSubject): Answer | 'untold' {
  const threads = toldBy(report)?.observed.hyperThreading;
  if (threads === undefined || isKnown(threads)) return 'untold';
  return unclear(threads.unknown, mend('Look at the node.', "lscpu | grep '^Thread(s) per core'"));
}
