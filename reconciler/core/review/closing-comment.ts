import type { Report } from '../../../schemas/output/report.ts';
import type { ForgePages } from '../../forge-port.ts';
import type { CommitSha } from '../../ports.ts';
import { reportBlocks, readWords } from '../report/markdown.ts';
import { guardSection } from '../report/markdown-sections.ts';
import { code, codeLink, inline } from '../report/markdown-text.ts';
import { afterReport } from '../report/next-steps.ts';
import { timeWords } from '../report/plain.ts';
import { healthWords, reportWords } from '../report/words.ts';
import { appliedVerdict, type Verdict } from './commit-status.ts';
import type { ClosingMarker } from './marker.ts';
import { commitLink, writtenPage } from './page.ts';
import type { WrittenComment } from './told.ts';

/** What a closing comment needs to know besides the report. */
export interface ClosingFrame {
  /** `owner/name` on the forge. */
  readonly repository: string;
  readonly pages: ForgePages;
  readonly limit: number;
  /** Approvals that the pass waits for. */
  readonly approvals: number;
  /** Where the cluster's status is told. */
  readonly statusUrl?: string | undefined;
}

/** What a merged pull request is told once a pass over its commit has ended; of a fork's, as `forkReport` shows it. */
export function closingComment(
  report: Report,
  { repository, pages, limit, approvals, statusUrl }: ClosingFrame,
): WrittenComment<ClosingMarker> {
  const { cluster } = report;
  const commit = report.commit as CommitSha;
  const { state, description } = appliedVerdict({ news: 'report', report, approvals });
  const blocks = reportBlocks(report, { line: (file, line) => pages.line(commit, file, line) });
  return writtenPage<ClosingMarker>(
    { v: 1, repository, cluster, kind: 'closing', commit },
    function* (room) {
      yield `### ${inline(cluster, 200)}: ${TITLES[state]}`;
      yield `**${reportWords(report)}**`;
      yield state === 'success' ? '' : inline(description);
      yield `Health of ${healthWords(report.objects)}.`;
      yield guardSection(report);
      yield* blocks(room);
      yield inline(afterReport(report));
      yield [
        `${commitLink(commit, pages)}, applied ${timeWords(report.finishedAt)}.`,
        readWords(report),
        `Plan ${code(report.digest, 100)}.`,
        ...(statusUrl === undefined ? [] : [`${codeLink('Status', statusUrl)} of the cluster.`]),
      ].join(' ');
    },
    // A process that was started anew has made the same pass again.
    { limit, verb: 'weka-gitops status', passing: { at: new Date(report.finishedAt) } },
  );
}

const TITLES = {
  success: 'applied and healthy',
  pending: 'applied, and not all of it is ready',
  failure: 'not all is as it should be',
  error: 'not all is as it should be',
} as const satisfies Record<Verdict['state'], string>;
