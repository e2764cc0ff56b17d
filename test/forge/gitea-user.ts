import { randomBytes } from 'node:crypto';

/** What a token may be good for, in Gitea's words. */
export type Scope = `${'read' | 'write'}:${'user' | 'repository' | 'issue' | 'organization'}` | 'all';

/** Somebody who has an account. */
export interface GiteaUser {
  readonly name: string;
  readonly password: string;
  /** Good for everything. */
  readonly token: string;
  /** Another token, for nothing but these. */
  tokenFor(...scopes: readonly Scope[]): Promise<string>;
  /** Takes a token of theirs away. */
  revoke(token: string): Promise<void>;
  /** One request to the API as this user; gives what was answered. Throws where it was refused. */
  request<Answer = unknown>(method: string, path: string, body?: object): Promise<Answer>;
}

/** Makes an account. Its name begins with `name`, and nobody else has it. */
export async function createUser(url: string, ruler: string, name: string): Promise<GiteaUser> {
  const unique = `${name}-${randomBytes(4).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  const asRuler = { authorization: `token ${ruler}` };
  await giteaRequest(url, asRuler, 'POST', '/admin/users', {
    username: unique,
    email: `${unique}@example.com`,
    password,
    must_change_password: false,
  });
  // Gitea gives tokens to those who prove themselves by their password only.
  const byPassword = { authorization: `Basic ${Buffer.from(`${unique}:${password}`).toString('base64')}` };
  const ids = new Map<string, number>();
  const tokenFor = async (...scopes: readonly Scope[]): Promise<string> => {
    const made = await giteaRequest<{ id: number; sha1: string }>(
      url,
      byPassword,
      'POST',
      `/users/${unique}/tokens`,
      { name: randomBytes(6).toString('hex'), scopes },
    );
    ids.set(made.sha1, made.id);
    return made.sha1;
  };
  const token = await tokenFor('all');
  return {
    name: unique,
    password,
    token,
    tokenFor,
    async revoke(revoked) {
      await giteaRequest(url, byPassword, 'DELETE', `/users/${unique}/tokens/${ids.get(revoked)}`);
    },
    request: (method, path, body) =>
      giteaRequest(url, { authorization: `token ${token}` }, method, path, body),
  };
}

/** One request to the API of a Gitea; gives what was answered. Throws where it was refused. */
export async function giteaRequest<Answer = unknown>(
  url: string,
  headers: Readonly<Record<string, string>>,
  method: string,
  path: string,
  body?: object,
): Promise<Answer> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`Gitea answers ${method} ${path} by ${response.status}: ${text}`);
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return (isJson ? JSON.parse(text) : text) as Answer;
}
