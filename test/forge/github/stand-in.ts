import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Identity } from '../../cluster/certificates.ts';
import { APP_ROUTES, appOf } from './app-routes.ts';
import { COMMIT_ROUTES } from './commit-routes.ts';
import type { Contract, Operation } from './contract.ts';
import { paged } from './paged.ts';
import { PULL_ROUTES } from './pull-routes.ts';
import { type Account, StandInState } from './stand-in-state.ts';
import { failed, type Told } from './told.ts';

// A stand-in for GitHub, which nobody can start on a machine of their own. What keeps it honest is GitHub’s own OpenAPI
// description of its API: each request of ours is checked against it, and so is each answer before it is sent. A path
// that is not described, a parameter or a member that is not, or an answer of another shape is a fault, and every test
// ends by asking for none. What a description cannot say (ETags, page links, limits, who may do what) is written here as
// GitHub’s documentation tells it. GraphQL has no OpenAPI description; the one query that is sent is known by its text.

/** What goes wrong, once or more often, at requests of a kind. */
export interface Fault {
  /** By method and path: `POST /repos/…/comments`. */
  readonly at: RegExp;
  readonly times?: number;
  /** Whether what was asked for is done all the same, and only the answer is lost. */
  readonly isDone?: boolean;
  readonly how:
    | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: string }
    /** The connection ends before, or within, an answer; or there is never one, or never all of it. */
    | 'cut'
    | 'half'
    | 'silent'
    | 'stalled';
}

export interface Heard {
  readonly line: string;
  readonly query: string;
  readonly status: number | 'none';
  readonly login: string | undefined;
}

const ROUTES = { ...APP_ROUTES, ...PULL_ROUTES, ...COMMIT_ROUTES };
const VIEWER = 'query { viewer { login } }';
const API_VERSION = '2022-11-28';

/** GitHub with one repository. */
export class StandIn implements AsyncDisposable {
  readonly state: StandInState;
  readonly contract: Contract;
  /** What was asked for otherwise than GitHub describes it, or answered so; empty at the end of every test. */
  readonly faults: string[] = [];
  readonly heard: Heard[] = [];
  /** Of requests that count; those that found nothing new do not. */
  rate = { limit: 5000, used: 0, resetAt: Math.floor(Date.now() / 1000) + 3600 };
  /** Elements of a page at most, whatever is asked for: small where a test is about many pages. */
  mostPerPage = 100;
  /** How an answer is written down. */
  form = (json: string): string => json;
  /** Called once an answer is made: what somebody else does before the next request. */
  meanwhile: (() => void) | undefined;
  readonly #answers = new Map<string, string>();
  readonly #planned: { fault: Fault; left: number }[] = [];
  readonly #isSecure: boolean;
  readonly #server: ReturnType<typeof createServer>;

  private constructor(contract: Contract, state: StandInState, identity: Identity | undefined) {
    this.contract = contract;
    this.state = state;
    const hear = (request: IncomingMessage, response: ServerResponse): void => {
      void this.#answer(request, response).catch((error: unknown) => {
        this.faults.push(`the stand-in failed: ${String(error)}`);
        response.writeHead(500).end();
      });
    };
    this.#isSecure = identity !== undefined;
    this.#server =
      identity === undefined
        ? createServer(hear)
        : createSecureServer({ cert: identity.certificate, key: identity.key }, hear);
  }

  /** With an identity it is spoken to by HTTPS. */
  static async start(contract: Contract, identity?: Identity): Promise<StandIn> {
    const state = new StandInState('acme/infra');
    const standIn = new StandIn(contract, state, identity);
    state.tokens.set('ghp_ours', { login: 'weka-bot', kind: 'user' });
    await once(standIn.#server.listen(0, '127.0.0.1'), 'listening');
    return standIn;
  }

  /** Address of its pages, as of a GitHub Enterprise server. */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `${this.#isSecure ? 'https' : 'http'}://127.0.0.1:${port}`;
  }

  plan(fault: Fault): void {
    this.#planned.push({ fault, left: fault.times ?? 1 });
  }

  /** Requests by method and path, with the status that they got. */
  lines(): string[] {
    return this.heard.map(({ line, status }) => `${line} ${status}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://github');
    const line = `${request.method} ${pathname.replace(/^\/api(\/v3)?/, '')}`;
    const text = await textOf(request);
    const account = this.#accountOf(request);
    const note = (status: Heard['status']) =>
      this.heard.push({ line, query: searchParams.toString(), status, login: account?.login });

    const planned = this.#planned.find(({ fault, left }) => left > 0 && fault.at.test(line));
    const isWork = planned === undefined || planned.fault.isDone === true;
    const told = isWork ? this.#tell(request, line, searchParams, text, account) : undefined;
    if (planned === undefined) {
      const { status, headers, body } = told!;
      note(status);
      response.writeHead(status, headers).end(body);
      return;
    }
    planned.left--;
    const { how } = planned.fault;
    note(typeof how === 'string' ? 'none' : how.status);
    if (how === 'silent') return;
    if (how === 'cut') request.socket.destroy();
    else if (how === 'half' || how === 'stalled') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('[{"number":', () => how === 'half' && request.socket.destroy());
    } else {
      const json = how.body.startsWith('{') ? { 'content-type': 'application/json; charset=utf-8' } : {};
      response.writeHead(how.status, { ...json, ...how.headers }).end(how.body);
    }
  }

  /** What GitHub answers, once what was asked for is done. */
  #tell(
    request: IncomingMessage,
    line: string,
    query: URLSearchParams,
    text: string,
    account: Account | undefined,
  ) {
    if (line === 'POST /graphql') return this.#graphql(text, account);
    const [method = '', path = ''] = line.split(' ');
    const operation = this.contract.operation(method, path);
    const route = operation === undefined ? undefined : ROUTES[operation.route];
    if (operation === undefined || route === undefined) {
      this.faults.push(
        `${line}: ${operation === undefined ? 'GitHub has no such route' : 'the stand-in lacks it'}`,
      );
      return { status: 404, headers: {}, body: '' };
    }
    const body = text === '' ? undefined : (JSON.parse(text) as unknown);
    this.#check(line, headFaults(request), this.contract.requestFaults(operation, query, body));
    const app = appOf(this.state, request.headers.authorization ?? '');
    const asked = { path: operation.path, query, body, account, app };
    const told = this.#refusal(operation, asked) ?? route(this.state, asked);
    // What happens between this answer and the next request.
    this.meanwhile?.();
    return this.#send(request, operation, query, told);
  }

  #refusal(
    { path }: Operation,
    { account, app }: { account: Account | undefined; app: unknown },
  ): Told | undefined {
    if (account === undefined && app === undefined) return failed(401, 'Bad credentials');
    const { limit, used } = this.rate;
    if (used >= limit) return failed(403, 'API rate limit exceeded for user ID 1.');
    // Who may not see a repository is told that there is none.
    const repository =
      path['repo'] === undefined ? this.state.repository : `${path['owner']}/${path['repo']}`;
    return repository === this.state.repository || app !== undefined ? undefined : failed(404, 'Not Found');
  }

  #send(request: IncomingMessage, operation: Operation, query: URLSearchParams, told: Told) {
    const { facts, link } = paged(told, query, {
      address: `${this.url}${request.url}`,
      most: this.mostPerPage,
    });
    const json = this.#written(operation, told.status, facts);
    const body = json === '' ? '' : this.form(json);
    const etag = `W/"${createHash('sha256').update(body).digest('hex')}"`;
    const isKnown =
      request.method === 'GET' && told.status === 200 && request.headers['if-none-match'] === etag;
    if (!isKnown && this.rate.used < this.rate.limit) this.rate.used++;
    const headers = {
      'x-github-media-type': 'github.v3; format=json',
      'x-ratelimit-limit': `${this.rate.limit}`,
      'x-ratelimit-remaining': `${this.rate.limit - this.rate.used}`,
      'x-ratelimit-reset': `${this.rate.resetAt}`,
      ...(link === undefined ? {} : { link }),
      ...(request.method === 'GET' && told.status === 200 ? { etag } : {}),
      ...(body === '' || isKnown ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    };
    if (isKnown) this.#check(operation.route, this.contract.answerFaults(operation, 304, undefined));
    return { status: isKnown ? 304 : told.status, headers, body: isKnown ? '' : body };
  }

  /** An answer with these facts in it, checked; the same one is neither made nor checked a second time. */
  #written(operation: Operation, status: number, facts: unknown): string {
    const key = `${operation.route} ${status} ${JSON.stringify(facts)}`;
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const example = status < 300 ? this.contract.example(operation, status, facts) : facts;
    this.#check(operation.route, this.contract.answerFaults(operation, status, example));
    const json = example === undefined ? '' : JSON.stringify(example);
    this.#answers.set(key, json);
    return json;
  }

  #graphql(text: string, account: Account | undefined) {
    const { query } = JSON.parse(text) as { query: string };
    if (query !== VIEWER) this.faults.push(`POST /graphql: the query ${query} is not known`);
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    if (account === undefined)
      return { status: 401, headers, body: JSON.stringify({ message: 'Bad credentials' }) };
    return { status: 200, headers, body: JSON.stringify({ data: { viewer: { login: account.login } } }) };
  }

  #accountOf(request: IncomingMessage): Account | undefined {
    const token = /^(?:token|bearer) (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const account = this.state.tokens.get(token ?? '');
    return account?.expiresAt !== undefined && account.expiresAt.getTime() < Date.now() ? undefined : account;
  }

  #check(line: string, ...faults: readonly (readonly string[])[]): void {
    this.faults.push(...faults.flat().map((fault) => `${line}: ${fault}`));
  }
}

function headFaults({ headers }: IncomingMessage): string[] {
  const faults: string[] = [];
  if (headers['x-github-api-version'] !== API_VERSION) faults.push('x-github-api-version is not sent');
  if (!headers['user-agent']?.startsWith('weka-gitops/')) faults.push('user-agent does not name us');
  if (!/^application\/vnd\.github\S*json/.test(headers.accept ?? ''))
    faults.push(`accept is ${headers.accept}`);
  return faults;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
