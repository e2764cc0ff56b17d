import { code, inline } from '../report/markdown-text.ts';

/** The pull request that asks for passes to stop, or to go on. */
export interface Proposal {
  readonly title: string;
  /** Of the commit. */
  readonly message: string;
  readonly text: string;
}

/**
 * What `suspend` and `resume` propose. What a person wrote stands in the text alone: titles and messages of commits are
 * where forges close issues.
 */
export function brakeProposal(
  wish: { readonly verb: 'suspend'; readonly reason: string } | { readonly verb: 'resume' },
  { cluster, by }: { readonly cluster: string; readonly by: string },
): Proposal {
  const name = inline(cluster, 200);
  const asked = `${code(by, 100)} asked for it by ${code(`/weka-gitops ${wish.verb}`)}.`;
  if (wish.verb === 'suspend') {
    const title = `Suspend ${cluster}`;
    const what = `Once this is merged, no pass writes anything to ${name}: ${inline(wish.reason, 500)}`;
    return { title, message: title, text: `${what}\n\n${asked}\n` };
  }
  const title = `Resume ${cluster}`;
  return { title, message: title, text: `Once this is merged, passes write to ${name} again.\n\n${asked}\n` };
}
