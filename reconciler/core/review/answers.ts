import type { Explanation } from '../../../schemas/output/explanation.ts';
import type { AwaitedOutput } from '../../../schemas/output/plan.ts';
import type { ForgePages } from '../../forge-port.ts';
import type { CommitSha } from '../../ports.ts';
import { approvalWords } from '../report/approvals.ts';
import { explanationMarkdown } from '../report/explanation-markdown.ts';
import { withoutSecrets } from '../report/last-net.ts';
import { code, codeLink, fence, inline } from '../report/markdown-text.ts';
import { printable } from '../report/plain.ts';
import type { Command } from './commands.ts';
import { type AnswerMarker, writeMarker } from './marker.ts';
import { commitLink } from './page.ts';
import type { WrittenComment } from './told.ts';

/** A file for a person to commit, where we may not. */
export interface PrintedFile {
  /** Its path in the repository. */
  readonly path: string;
  readonly text: string;
}

/** What is said to a command. A sentence of `why` is ours, or that of a ReconcilerError. */
export type Answer =
  | {
      readonly to: 'approve';
      readonly result: 'committed';
      readonly approval: AwaitedOutput;
      /** Path of the file that was committed. */
      readonly file: string;
      readonly commit: CommitSha;
    }
  | {
      readonly to: 'approve';
      readonly result: 'printed';
      readonly approval: AwaitedOutput;
      readonly file: PrintedFile;
      readonly why: string;
    }
  | { readonly to: 'explain'; readonly result: 'explained'; readonly explanation: Explanation }
  | {
      readonly to: 'suspend' | 'resume';
      readonly result: 'proposed';
      readonly pullRequest: { readonly number: number; readonly url: string };
    }
  | {
      readonly to: 'suspend' | 'resume';
      readonly result: 'printed';
      readonly file: PrintedFile;
      readonly why: string;
    }
  | {
      readonly to: Command['verb'];
      readonly result: 'refused';
      readonly why: string;
      readonly hint?: string | undefined;
    };

/** Where an answer goes. */
export interface AnswerFrame {
  /** `owner/name` on the forge. */
  readonly repository: string;
  readonly cluster: string;
  /** The comment whose command is answered. */
  readonly answers: number;
  readonly pages: ForgePages;
  readonly limit: number;
}

/** The comment that answers a command, in at most as many characters as the forge takes. */
export function answerComment(answer: Answer, frame: AnswerFrame): WrittenComment<AnswerMarker> {
  const { repository, cluster, answers, limit } = frame;
  const marker: AnswerMarker = { v: 1, repository, cluster, kind: 'answer', answers };
  const head = `${writeMarker(marker)}\n\n`;
  const room = limit - head.length;
  const text = versions(answer, frame).find(({ length }) => length <= room) ?? '';
  return { marker, text: `${head}${text}` };
}

/** The answer, and the same with less and less told. */
function versions(answer: Answer, frame: AnswerFrame): readonly string[] {
  if (answer.result === 'explained') return explained(answer.explanation);
  const title = `### ${inline(frame.cluster, 200)}: ${titleOf(answer)}`;
  const whole = [title, ...saidOf(answer, frame)].join('\n\n');
  return [`${whole}\n`, `${title}\n`];
}

function titleOf(answer: Exclude<Answer, { result: 'explained' }>): string {
  switch (answer.result) {
    case 'committed':
      return 'approved';
    case 'printed':
      return answer.to === 'approve' ? 'the Approval to commit' : `the file to commit`;
    case 'proposed':
      return answer.to === 'suspend' ? 'suspending it is proposed' : 'resuming it is proposed';
    case 'refused':
      return `${code(`/weka-gitops ${answer.to}`)} was not followed`;
  }
}

function saidOf(answer: Exclude<Answer, { result: 'explained' }>, { pages }: AnswerFrame): readonly string[] {
  switch (answer.result) {
    case 'committed': {
      const { approval, file, commit } = answer;
      const words = inline(approvalWords(approval));
      return [`${words}: ${code(file)} is committed as ${commitLink(commit, pages)}.`, 'The plan follows.'];
    }
    case 'printed': {
      const { file, why } = answer;
      return [
        inline(withoutSecrets({ why }).why),
        `Commit ${code(file.path)}:`,
        fence(file.text.trimEnd().split('\n').map(printable), 'yaml'),
      ];
    }
    case 'proposed': {
      const { number, url } = answer.pullRequest;
      return [`Merge ${codeLink(`#${number}`, url)} if this is what you want.`];
    }
    case 'refused': {
      const { why, hint } = withoutSecrets({ why: answer.why, hint: answer.hint });
      return [inline(why), ...(hint === undefined ? [] : [`Hint: ${inline(hint)}`])];
    }
  }
}

function explained(explanation: Explanation): readonly string[] {
  const { fields, facts, related, owners, waitsFor, target } = explanation;
  const command = code(`weka-gitops explain ${target}`);
  const shortened = [20, 5].map((most) =>
    explanationMarkdown({
      ...explanation,
      fields: fields.slice(0, most),
      facts: facts.slice(0, most),
      related: related.slice(0, most),
      owners: owners.slice(0, most),
      waitsFor: waitsFor.slice(0, most),
    }),
  );
  return [
    explanationMarkdown(explanation),
    ...shortened.map((text) => `${text}\nShortened to fit: ${command} prints everything.\n`),
    `It is too long for a comment: ${command} prints it.\n`,
  ];
}
