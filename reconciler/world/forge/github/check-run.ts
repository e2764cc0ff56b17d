import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Annotation } from '../../../forge-port.ts';
import type { CommitSha, Interruptible } from '../../../ports.ts';
import type { ForgeClient } from '../client.ts';
import type { GithubRepository } from './github-repository.ts';

/** That GitHub takes in one request. */
const AT_ONCE = 50;
/** A check with more helps nobody; the comment on the pull request tells all. */
const MOST = 300;

const LEVELS = { error: 'failure', warning: 'warning', notice: 'notice' } as const;

const CheckRuns = z.object({
  check_runs: z.array(
    z.object({
      id: z.int(),
      status: z.string(),
      external_id: z.string().nullish(),
      app: z.object({ slug: z.string().nullish() }).nullish(),
    }),
  ),
});
const CheckRun = z.object({ id: z.int() });

/**
 * Shows annotations as a check of a commit. A check cannot take any back, so other ones are a new check, which GitHub
 * shows in place of the one of that name before. `self` is the login that checks are written as.
 */
export async function annotateByCheck(
  { client, repository, self }: { client: ForgeClient; repository: GithubRepository; self: string },
  commit: CommitSha,
  name: string,
  annotations: readonly Annotation[],
  options?: Interruptible,
): Promise<void> {
  const digest = digestOf(annotations);
  const found = await client.ask(
    CheckRuns,
    'GET /repos/{owner}/{repo}/commits/{ref}/check-runs',
    { ...repository, ref: commit, check_name: name, filter: 'latest', per_page: 100 },
    options,
  );
  const [ours] = found.check_runs
    .filter(({ app }) => app?.slug !== undefined && `${app.slug}[bot]` === self)
    .sort((a, b) => b.id - a.id);
  // One that was cut short has no digest yet.
  if (ours?.status === 'completed' && ours.external_id === digest) return;
  if (ours === undefined && annotations.length === 0) return;

  const shown = annotations.slice(0, MOST);
  const parts = Array.from({ length: Math.max(1, Math.ceil(shown.length / AT_ONCE)) }, (_, index) =>
    shown.slice(index * AT_ONCE, (index + 1) * AT_ONCE),
  );
  const words = summaryOf(annotations);
  const done = { status: 'completed', conclusion: conclusionOf(annotations), external_id: digest };
  let id: number | undefined;
  for (const [index, part] of parts.entries()) {
    const state = index === parts.length - 1 ? done : { status: 'in_progress' };
    const body = { ...repository, ...state, output: { ...words, annotations: part.map(annotation) } };
    const run =
      id === undefined
        ? client.ask(
            CheckRun,
            'POST /repos/{owner}/{repo}/check-runs',
            { ...body, name, head_sha: commit },
            options,
          )
        : client.ask(
            CheckRun,
            'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}',
            { ...body, check_run_id: id },
            options,
          );
    id = (await run).id;
  }
}

function annotation({ file, line, level, title, text }: Annotation) {
  return {
    path: file,
    start_line: line,
    end_line: line,
    annotation_level: LEVELS[level],
    title: title.slice(0, 255),
    // At most 64 KB.
    message: text.slice(0, 16_000) || title,
  };
}

function conclusionOf(annotations: readonly Annotation[]): 'failure' | 'neutral' | 'success' {
  if (annotations.some(({ level }) => level === 'error')) return 'failure';
  return annotations.some(({ level }) => level === 'warning') ? 'neutral' : 'success';
}

function summaryOf(annotations: readonly Annotation[]): { title: string; summary: string } {
  const count = (level: Annotation['level'], word: string): string[] => {
    const many = annotations.filter((each) => each.level === level).length;
    return many === 0 ? [] : [`${many} ${word}${many === 1 ? '' : 's'}`];
  };
  const counts = [...count('error', 'error'), ...count('warning', 'warning'), ...count('notice', 'notice')];
  const title = counts.join(', ') || 'Nothing to say';
  const rest = annotations.length - MOST;
  return { title, summary: rest > 0 ? `${title}. The last ${rest} are left out here.` : `${title}.` };
}

function digestOf(annotations: readonly Annotation[]): string {
  const shape = annotations.map(({ file, line, level, title, text }) => [file, line, level, title, text]);
  return createHash('sha256').update(JSON.stringify(shape)).digest('hex');
}
