import { lacking, type Resources } from '../../facts/resources.ts';
import type { Candidate, RoleSurvey } from './survey.ts';

/** What to do about nodes on which no container of a role fits. */
export function whatHelps({
  need,
  candidates,
  isOpen,
}: Pick<RoleSurvey, 'need' | 'candidates'> & {
  /** Whether nobody counts the containers, so that there is no number to lower. */
  readonly isOpen: boolean;
}): string {
  const short = candidates.filter(({ room }) => room === 0);
  if (short.length > 0 && short.every((each) => lacksOnly(each, 'drives'))) {
    return 'Sign drives on those nodes with a WekaPolicy of type sign-drives, or ask for fewer.';
  }
  if (short.length > 0 && short.every((each) => lacksOnly(each, 'hugePages2MiBytes'))) {
    return 'Set vm.nr_hugepages on those nodes and restart their kubelets.';
  }
  const taints = new Set(short.flatMap(({ repelledBy }) => (repelledBy === undefined ? [] : [repelledBy])));
  const busy = short.some((each) => each.repelledBy === undefined && wouldHold(each));
  const actions = [
    ...(taints.size > 0 ? [`add ${[...taints].join(' and ')} to tolerations`] : []),
    ...(busy ? [`make room on ${taints.size > 0 ? 'the others' : 'those nodes'}`] : []),
    `choose ${busy ? 'others' : 'other nodes'} by label`,
    `or lower ${isOpen ? '' : `${need.field} or `}what each container asks for`,
  ].join(', ');
  return `${actions.charAt(0).toUpperCase()}${actions.slice(1)}.`;
}

/** Whether this is all that is short, and the node has too little of it even without what runs there. */
function lacksOnly({ node, need, free, barred }: Candidate, name: keyof Resources): boolean {
  if (barred !== undefined || node.allocatable[name] >= need[name]) return false;
  const missing = lacking(need, free);
  return Object.entries(missing).every(([each, amount]) => amount === 0 || each === name);
}

/** Whether the node could hold a container if nothing else ran there. */
function wouldHold({ node, need, free }: Candidate): boolean {
  // Drives that are to be signed are free without being there yet.
  const most = { ...node.allocatable, drives: Math.max(node.allocatable.drives, free.drives) };
  return Object.values(lacking(need, most)).every((amount) => amount === 0);
}
