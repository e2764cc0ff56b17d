import { toldBy } from '../../nodes/agent-report.ts';
import { mend, NODE, pass, type Unclear, unclear } from '../answer.ts';
import type { NodeCheck, NodeSubject } from '../check.ts';

export const nodeAgent: NodeCheck = {
  about: 'an agent that reports',
  why: 'Only an agent on the node can tell what the API server does not know, such as kernel headers or disks.',
  concerns: 'all',
  from: 'node',
  check({ report, agentNamespace, node }) {
    const told = toldBy(report);
    if (told !== undefined) return pass(`agent ${told.agentVersion}`);
    return unreported({ report, agentNamespace, node });
  },
};

/** What every check that needs the report says where there is none that counts. */
export function unreported({
  report,
  agentNamespace,
  node,
}: Pick<NodeSubject, 'report' | 'agentNamespace' | 'node'>): Unclear {
  const why = report.state === 'unknown' ? report.why : 'The report does not tell it.';
  return unclear(
    withoutName(why, node.name),
    mend(
      'Install the agents, or look at the one of this node.',
      'weka-gitops install',
      `kubectl -n ${agentNamespace} get pods -o wide --field-selector spec.nodeName=${NODE}`,
    ),
  );
}

/** The same sentence for every node, so that a fleet without agents is one line. */
function withoutName(why: string, name: string): string {
  if (name.length < 3) return why;
  let text = '';
  let from = 0;
  for (let at = why.indexOf(name); at !== -1; at = why.indexOf(name, at + name.length)) {
    const isWord = !/[\w-]/.test(why[at - 1] ?? ' ') && !/^(?:[\w-]|\.\w)/.test(why.slice(at + name.length));
    text += why.slice(from, at) + (isWord ? 'the node' : name);
    from = at + name.length;
  }
  text += why.slice(from);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
