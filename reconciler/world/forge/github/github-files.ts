import * as z from 'zod';
import type { FileChange } from '../../../forge-port.ts';
import type { CommitSha, Interruptible } from '../../../ports.ts';
import type { ForgeClient } from '../client.ts';
import { ForgeError } from '../errors.ts';
import { Sha } from './github-answers.ts';
import type { GithubRepository } from './github-repository.ts';

interface Reach {
  readonly client: ForgeClient;
  readonly repository: GithubRepository;
}

/** A folder is told as a list, a link and a submodule as what they are. */
const Contents = z.union([
  z.object({ type: z.literal('file'), sha: z.string(), encoding: z.string(), content: z.string() }),
  z.array(z.unknown()),
  z.object({ type: z.string() }),
]);
const Reference = z.object({ object: z.object({ sha: Sha }) });
const Committed = z.object({ commit: z.object({ sha: Sha }) });

/** The text of a file at a branch, and GitHub's name for it; undefined where there is no file. */
export async function readGithubFile(
  { client, repository }: Reach,
  branch: string,
  path: string,
  options?: Interruptible,
): Promise<{ readonly text: string; readonly sha: string } | undefined> {
  const route = 'GET /repos/{owner}/{repo}/contents/{path}';
  const found = await client.find(Contents, route, { ...repository, path, ref: branch }, options);
  if (found === undefined || Array.isArray(found) || !('content' in found)) return undefined;
  if (found.encoding !== 'base64') {
    throw new ForgeError(
      'FORGE_REJECTED',
      `GitHub does not give the content of ${path}, which has more than 1 MiB.`,
      {
        hint: 'Split the file.',
      },
    );
  }
  return { text: Buffer.from(found.content, 'base64').toString('utf8'), sha: found.sha };
}

/** Commits a file onto a branch, which it makes of `from` where it is given; one that is there as it shall be stays. */
export async function commitGithubFile(
  reach: Reach,
  { branch, path, text, message }: FileChange,
  from: CommitSha | undefined,
  options?: Interruptible,
): Promise<CommitSha> {
  const { client, repository } = reach;
  let before = await readGithubFile(reach, branch, path, options);
  if (before?.text === text) {
    const route = 'GET /repos/{owner}/{repo}/git/ref/{ref}';
    const tip = await client.ask(Reference, route, { ...repository, ref: `heads/${branch}` }, options);
    return tip.object.sha;
  }
  if (from !== undefined) {
    await makeBranch(reach, branch, from, options);
    before = await readGithubFile(reach, branch, path, options);
  }
  const { commit } = await client.ask(
    Committed,
    'PUT /repos/{owner}/{repo}/contents/{path}',
    {
      ...repository,
      path,
      branch,
      message,
      content: Buffer.from(text).toString('base64'),
      ...(before === undefined ? {} : { sha: before.sha }),
    },
    options,
  );
  return commit.sha;
}

/** One that is there already, and still where it was made, is as good. */
async function makeBranch(
  { client, repository }: Reach,
  branch: string,
  from: CommitSha,
  options: Interruptible | undefined,
): Promise<void> {
  try {
    const parameters = { ...repository, ref: `refs/heads/${branch}`, sha: from };
    await client.request('POST /repos/{owner}/{repo}/git/refs', parameters, options);
  } catch (error) {
    if (!(error instanceof ForgeError) || error.status !== 422) throw error;
    const route = 'GET /repos/{owner}/{repo}/git/ref/{ref}';
    const there = await client.find(Reference, route, { ...repository, ref: `heads/${branch}` }, options);
    if (there?.object.sha !== from) throw error;
  }
}
