import * as z from 'zod';
import type { Interruptible } from '../../../ports.ts';
import type { ForgeClient } from '../client.ts';
import type { GithubRepository } from './github-repository.ts';

/** From the first line to the last one, of the file as it is at the head. */
export type LineRange = readonly [first: number, last: number];

const Files = z.array(z.object({ filename: z.string(), patch: z.string().nullish() }));

/** Which lines of `files` a pull request shows: only there GitHub takes comments. */
export async function changedLines(
  { client, repository }: { client: ForgeClient; repository: GithubRepository },
  pullRequest: number,
  files: ReadonlySet<string>,
  options?: Interruptible,
): Promise<ReadonlyMap<string, readonly LineRange[]>> {
  const found = new Map<string, readonly LineRange[]>();
  const parameters = { ...repository, pull_number: pullRequest, per_page: 100 };
  const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/files';
  for await (const page of client.pages(Files, route, parameters, options)) {
    for (const { filename, patch } of page) {
      if (files.has(filename)) found.set(filename, rangesOf(patch ?? ''));
    }
    if (found.size === files.size) break;
  }
  return found;
}

/** The lines of the new file that a patch shows, by the heads of its hunks. */
export function rangesOf(patch: string): readonly LineRange[] {
  return [...patch.matchAll(/^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@/gm)].flatMap(([, start, count]) => {
    const first = Number(start);
    const lines = count === undefined ? 1 : Number(count);
    return lines === 0 ? [] : [[first, first + lines - 1] as const];
  });
}
