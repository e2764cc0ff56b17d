import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { inject } from 'vitest';
import { GiteaRepository } from './gitea-repository.ts';
import type { GiteaAddress } from './gitea-server.ts';
import { createUser, giteaRequest, type GiteaUser } from './gitea-user.ts';

/** A running Gitea as tests use it: each makes users and repositories of its own. */
export class Gitea {
  readonly address: GiteaAddress;

  constructor(address: GiteaAddress) {
    this.address = address;
  }

  /** `http://127.0.0.1:PORT` */
  get url(): string {
    return this.address.url;
  }

  /** A new account. Its name begins with `name`, and nobody else has it. */
  user(name: string): Promise<GiteaUser> {
    return createUser(this.url, this.address.token, name);
  }

  /** A new, empty repository. */
  repository(
    owner: GiteaUser,
    name: string,
    options?: { readonly isPrivate?: boolean },
  ): Promise<GiteaRepository> {
    return GiteaRepository.create(this.address, owner, name, options);
  }

  /** The HTML that Gitea makes of a comment, there where the comment would stand. */
  renderMarkdown(markdown: string, repository?: GiteaRepository): Promise<string> {
    const context = repository === undefined ? {} : { Context: repository.fullName };
    const headers = { authorization: `token ${this.address.token}` };
    const body = { Text: markdown, Mode: 'comment', ...context };
    return giteaRequest<string>(this.url, headers, 'POST', '/markdown', body);
  }
}

/** The Gitea that all tests of a run share. To be awaited at the top of a file, where no timeout cuts off a first build. */
export async function sharedGitea(): Promise<Gitea> {
  // Not fetch(): it gives up after five minutes without an answer.
  const [response] = (await once(get(inject('sharedGitea')), 'response')) as [IncomingMessage];
  const answer = await text(response);
  if (response.statusCode !== 200) throw new Error(`Gitea did not start. ${answer}`);
  return new Gitea(JSON.parse(answer) as GiteaAddress);
}
