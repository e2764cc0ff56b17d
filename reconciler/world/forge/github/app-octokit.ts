import type { Octokit } from 'octokit';
import type { ForgeCredentials, OctokitBase } from '../client-options.ts';
import { ForgeError } from '../errors.ts';
import type { GithubRepository } from './github-repository.ts';

/** Makes what sends the tokens of a GitHub App’s installation, each of which it gets anew before it expires; or a plain token. */
export function githubAuthentication(repository: GithubRepository) {
  return async (
    { octokit: { App, Octokit }, options }: OctokitBase,
    { app, token }: ForgeCredentials,
  ): Promise<Octokit> => {
    if (app === undefined)
      return new Octokit({ ...options, ...(token === undefined ? {} : { auth: token }) });
    const { id, privateKey, installation } = app;
    const opened = new App({
      appId: id,
      privateKey,
      Octokit: Octokit.defaults(options),
      ...(options.log === undefined ? {} : { log: options.log }),
    });
    return await opened.getInstallationOctokit(
      installation ?? (await installationOf(opened.octokit, repository, id)),
    );
  };
}

async function installationOf(octokit: Octokit, repository: GithubRepository, app: number): Promise<number> {
  try {
    const { data } = await octokit.request('GET /repos/{owner}/{repo}/installation', { ...repository });
    return data.id;
  } catch (error) {
    if ((error as { status?: unknown }).status !== 404) throw error;
    const name = `${repository.owner}/${repository.repo}`;
    throw new ForgeError('FORGE_NOT_FOUND', `The GitHub App ${app} is not installed on ${name}.`, {
      status: 404,
      hint: 'Install the app on the repository, or check forge.app.id and forge.repository.',
    });
  }
}
