import type { Comment } from '../../forge-port.ts';
import type { Log } from '../../ports.ts';
import type { ForgeCredentials } from './client-options.ts';

/** Which account credentials belong to. Another name would make strangers’ comments of ours, each of which we wrote anew. */
export class KnownSelf {
  readonly #log: Pick<Log, 'warn'> | undefined;
  #known: { readonly key: string; readonly login: string } | undefined;

  constructor(log: Pick<Log, 'warn'> | undefined) {
    this.#log = log;
  }

  /** `ask` is called where these credentials are others than the last ones. */
  async of(credentials: ForgeCredentials, ask: () => Promise<string>): Promise<string> {
    const key = keyOf(credentials);
    if (this.#known?.key === key) return this.#known.login;
    const login = await ask();
    this.#known = { key, login };
    return login;
  }

  /** Takes the forge at its word: whoever it says has written what these credentials wrote is who we are. */
  learn(credentials: ForgeCredentials, { author }: Comment): void {
    const key = keyOf(credentials);
    const before = this.#known?.key === key ? this.#known.login : undefined;
    if (before === author) return;
    this.#known = { key, login: author };
    if (before === undefined) return;
    this.#log?.warn({ before, now: author }, 'The forge knows our account by another name now');
  }
}

/** What tells credentials apart. */
export function keyOf({ app, token }: ForgeCredentials): string {
  return app === undefined ? (token ?? '') : `app ${app.id}`;
}
