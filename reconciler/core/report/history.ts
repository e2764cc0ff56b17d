import { Report } from '../../../schemas/output/report.ts';
import type { ForgePages } from '../../forge-port.ts';
import type { CommitSha, StatusFile } from '../../ports.ts';
import { boundedReport } from './bounded.ts';
import { jsonText } from './json.ts';
import { codeLink, inline, table } from './markdown-text.ts';
import { timeWords } from './plain.ts';
import { reportWords, whereOf } from './words.ts';

/** Passes that the branch's first page lists. */
const LISTED = 10;

const NAME = /^history\/(\d{8}T\d{6}Z-[0-9a-f]{7}(?:-\d+)?)\.json$/;

/** `Merge pull request #12 from …`, `Scale the web tier (#12)` and `Merge pull request 'Scale' (#12) from …`. */
const MERGED = /^Merge pull request #([1-9]\d{0,8})\b|\(#([1-9]\d{0,8})\)(?: from | into |$)/;

/** Whether we wrote the file, going by its name. */
export function isHistory({ path }: StatusFile): boolean {
  return NAME.test(path);
}

/** The history files with the pass among them: the newest `keep`, oldest first. */
export function withPass(tip: readonly StatusFile[], report: Report, keep: number): readonly StatusFile[] {
  const old = tip.filter(isHistory);
  const taken = new Set(old.map(({ path }) => path));
  const path = freeName(report, taken);
  const all = [...old, { path, text: jsonText(boundedReport(report)) }];
  return all.toSorted(byAge).slice(-Math.max(1, keep));
}

/** `history/20261125T181149Z-1a2b3c4.json`; another pass of the same second, by whomever, keeps its file. */
function freeName({ finishedAt, commit }: Report, taken: ReadonlySet<string>): string {
  const time = `${finishedAt.slice(0, 19).replace(/[-:]/g, '')}Z`;
  const name = `history/${time}-${commit.slice(0, 7)}`;
  let path = `${name}.json`;
  for (let n = 2; taken.has(path); n += 1) path = `${name}-${n}.json`;
  return path;
}

/** Oldest first, whatever order the files come in. */
function byAge(a: StatusFile, b: StatusFile): number {
  return stem(a) < stem(b) ? -1 : 1;
}

function stem({ path }: StatusFile): string {
  return NAME.exec(path)?.[1] ?? path;
}

/**
 * The newest passes for a reader, with links to commits and pull requests where there is a forge. A file that was damaged
 * by hand is listed and not told.
 */
export function historyTable(files: readonly StatusFile[], pages?: ForgePages): string {
  const newest = files.filter(isHistory).toSorted(byAge).slice(-LISTED).toReversed();
  if (newest.length === 0) return '';
  const rows = newest.map(({ path, text }) => {
    const link = (words: string) => `[${words}](${path})`;
    const report = parsed(text);
    if (report === undefined) return [link(stem({ path, text })), '', 'This file cannot be read'];
    return [
      link(timeWords(report.finishedAt)),
      commitWords(report, pages),
      `${inline(report.subject, 80)}: ${report.clean ? '' : '**not clean**, '}${reportWords(report)}`,
    ];
  });
  return `#### Last passes\n\n${table(['Finished', 'Commit', 'What happened'], rows)}`;
}

/** The commit, and the pull request that it names as the one it came by, the way forges have it in what they merge. */
function commitWords(report: Report, pages: ForgePages | undefined): string {
  const commit = codeLink(whereOf(report), pages?.commit(report.commit as CommitSha));
  const number = MERGED.exec(report.subject)?.slice(1).find(Boolean);
  if (number === undefined || pages === undefined) return commit;
  return `${commit} ${codeLink(`#${number}`, pages.pullRequest(Number(number)))}`;
}

/** The passes that are kept, oldest first; those whose file was damaged are left out. */
export function recordedPasses(tip: readonly StatusFile[]): readonly Report[] {
  return tip
    .filter(isHistory)
    .toSorted(byAge)
    .flatMap(({ text }) => parsed(text) ?? []);
}

function parsed(text: string): Report | undefined {
  try {
    return Report.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
