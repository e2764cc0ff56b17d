import type { Permission } from '../../../forge-port.ts';
import type { Interruptible } from '../../../ports.ts';
import type { ForgeClient } from '../client.ts';
import { ForgeError } from '../errors.ts';
import { Account, PermissionAnswer } from './gitea-answers.ts';
import { isForgeError } from './is-forge-error.ts';

/** What accounts may do with a repository. */
export class GiteaPermissions {
  readonly #client: ForgeClient;
  readonly #at: { readonly owner: string; readonly repo: string };

  constructor(client: ForgeClient, at: { readonly owner: string; readonly repo: string }) {
    this.#client = client;
    this.#at = at;
  }

  async of(login: string, options?: Interruptible): Promise<Permission> {
    const route = 'GET /repos/{owner}/{repo}/collaborators/{collaborator}/permission';
    const parameters = { ...this.#at, collaborator: login };
    try {
      const found = await this.#client.find(PermissionAnswer, route, parameters, options);
      return found?.permission ?? 'none';
    } catch (error) {
      if (!isForgeError(error, 'FORGE_FORBIDDEN')) throw error;
      return await this.#seenFromBelow(login, error, options);
    }
  }

  /**
   * Gitea tells the rights of others to administrators of the repository only. Who may write is told to everyone as who
   * issues can be assigned to; but in an organization those may be who read.
   */
  async #seenFromBelow(login: string, refusal: ForgeError, options?: Interruptible): Promise<Permission> {
    const route = 'GET /repos/{owner}/{repo}/assignees';
    const writers = await this.#client.ask(Account.array(), route, this.#at, options);
    if (!writers.some((writer) => writer.login.toLowerCase() === login.toLowerCase())) return 'read';
    // Asked each time: a repository may go to an organization.
    if (!(await this.#hasTeams(options))) return 'write';
    const { owner, repo } = this.#at;
    throw new ForgeError(
      'FORGE_FORBIDDEN',
      `Gitea does not tell us what ${login} may do in ${owner}/${repo}.`,
      {
        status: refusal.status,
        cause: refusal,
        hint: 'Make our account an administrator of the repository: in an organization only they are told.',
      },
    );
  }

  /** Only repositories of organizations have teams. */
  async #hasTeams(options?: Interruptible): Promise<boolean> {
    try {
      await this.#client.request('GET /repos/{owner}/{repo}/teams', this.#at, options);
      return true;
    } catch (error) {
      if (isForgeError(error, 'FORGE_REJECTED', 405)) return false;
      throw error;
    }
  }
}
