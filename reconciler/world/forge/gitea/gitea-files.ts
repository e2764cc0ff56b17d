import type { FileChange } from '../../../forge-port.ts';
import type { CommitSha, Interruptible } from '../../../ports.ts';
import type { ForgeClient, ForgeParameters } from '../client.ts';
import { ForgeError } from '../errors.ts';
import { BranchAnswer, CommittedAnswer, ContentAnswer } from './gitea-answers.ts';
import { encodePath } from './gitea-pages.ts';
import { isForgeError } from './is-forge-error.ts';

interface GiteaFile {
  /** Git's name for its content. */
  readonly sha: string;
  readonly text: string;
}

/** A file at a branch or a commit; undefined where there is none, be it a folder or a link. */
export async function giteaFile(
  client: ForgeClient,
  repository: ForgeParameters,
  ref: string,
  path: string,
  options?: Interruptible,
): Promise<GiteaFile | undefined> {
  const route = `GET /repos/{owner}/{repo}/contents/${encodePath(path)}`;
  const found = await client.find(ContentAnswer, route, { ...repository, ref }, options);
  if (found === undefined || Array.isArray(found) || found.type !== 'file') return undefined;
  const { sha, content } = found;
  if (typeof content === 'string') return { sha, text: Buffer.from(content, 'base64').toString() };
  throw new ForgeError('FORGE_ANSWER', `${path} is larger than what Gitea gives by its API.`, {
    hint: 'Keep files small that are written through the forge.',
  });
}

/** Commits a file, unless it is there as it shall be. */
export async function commitGiteaFile(
  client: ForgeClient,
  repository: ForgeParameters,
  { branch, path, text, message }: FileChange,
  from: CommitSha | undefined,
  options?: Interruptible,
): Promise<CommitSha> {
  if (from !== undefined) await makeBranch(client, repository, branch, from, options);
  const there = await giteaFile(client, repository, branch, path, options);
  if (there?.text === text) {
    const route = `GET /repos/{owner}/{repo}/branches/${encodePath(branch)}`;
    return (await client.ask(BranchAnswer, route, repository, options)).commit.id;
  }
  const { commit } = await client.ask(
    CommittedAnswer,
    `${there === undefined ? 'POST' : 'PUT'} /repos/{owner}/{repo}/contents/${encodePath(path)}`,
    {
      ...repository,
      branch,
      message,
      content: Buffer.from(text).toString('base64'),
      ...(there === undefined ? {} : { sha: there.sha }),
    },
    options,
  );
  return commit.sha;
}

/** One that is there already is taken as it is. */
async function makeBranch(
  client: ForgeClient,
  repository: ForgeParameters,
  name: string,
  from: CommitSha,
  options?: Interruptible,
): Promise<void> {
  const route = 'POST /repos/{owner}/{repo}/branches';
  try {
    await client.request(route, { ...repository, new_branch_name: name, old_ref_name: from }, options);
  } catch (error) {
    if (!isForgeError(error, 'FORGE_REJECTED', 409)) throw error;
  }
}
