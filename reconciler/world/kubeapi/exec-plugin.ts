import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { record, records } from '../../core/kube/json.ts';
import { clip, oneLine } from '../../core/report/plain.ts';
import type { Credentials, Tls } from './connection.ts';
import { KubeconfigError } from './errors.ts';
import type { ClusterEntry } from './kubeconfig.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const TIMEOUT_MS = 60_000;
const MAX_LENGTH = 1024 * 1024;
/** A token that ends sooner may end on its way. */
const SPARE_MS = 10_000;

export interface ExecPluginOptions {
  readonly cluster: ClusterEntry;
  readonly env: Environment;
  readonly now: () => number;
  readonly timeoutMs?: number;
  /** Once it is aborted, the program is ended. */
  readonly signal?: AbortSignal;
}

/** A program that prints an ExecCredential, as `aws eks get-token` does. Its answer is kept until it expires. */
export class ExecPlugin {
  readonly #exec: Readonly<Record<string, unknown>>;
  readonly #cluster: ClusterEntry;
  readonly #env: Environment;
  readonly #now: () => number;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal | undefined;
  #kept: { readonly credentials: Credentials; readonly until: number } | undefined;

  constructor(
    exec: Readonly<Record<string, unknown>>,
    { cluster, env, now, timeoutMs = TIMEOUT_MS, signal }: ExecPluginOptions,
  ) {
    this.#exec = exec;
    this.#cluster = cluster;
    this.#env = env;
    this.#now = now;
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
  }

  async credentials(): Promise<Credentials> {
    if (this.#kept === undefined || this.#kept.until - SPARE_MS <= this.#now()) {
      this.#kept = this.#parse(await this.#run());
    }
    return this.#kept.credentials;
  }

  get #command(): string {
    const command = this.#exec['command'];
    if (typeof command !== 'string' || command === '') {
      throw new KubeconfigError('The kubeconfig asks for a credential plugin but names no command.');
    }
    return command;
  }

  get #name(): string {
    return clip(oneLine(this.#command), 200);
  }

  #parse(printed: string): { credentials: Credentials; until: number } {
    let answer: Readonly<Record<string, unknown>>;
    try {
      answer = record(JSON.parse(printed));
    } catch {
      // The parser quotes what it read, which may be a token.
      answer = {};
    }
    const status = record(answer['status']);
    const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = status;
    const tls: Tls = typeof cert === 'string' && typeof key === 'string' ? { cert, key } : {};
    if (answer['kind'] !== 'ExecCredential' || (typeof token !== 'string' && tls.cert === undefined)) {
      throw this.#failed('did not print an ExecCredential with a token or a certificate');
    }
    const expires = typeof expirationTimestamp === 'string' ? Date.parse(expirationTimestamp) : NaN;
    const headers: Record<string, string> =
      typeof token === 'string' ? { authorization: `Bearer ${token.trim()}` } : {};
    return { credentials: { tls, headers }, until: Number.isNaN(expires) ? Infinity : expires };
  }

  async #run(): Promise<string> {
    if (this.#exec['interactiveMode'] === 'Always') {
      throw this.#failed('asks questions, which nobody is here to answer');
    }
    const { args } = this.#exec;
    const child = spawn(this.#command, Array.isArray(args) ? args.map(String) : [], {
      env: this.#environment(),
      // What it says on stderr is not ours to repeat: it may hold a secret.
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? signal ?? -1));
    });
    const end = (): void => {
      child.kill('SIGKILL');
      // A child of its own may hold the pipe open.
      child.stdout.destroy();
    };
    const timer = setTimeout(end, this.#timeoutMs);
    this.#signal?.addEventListener('abort', end);
    try {
      const [printed, code] = await Promise.all([printedBy(child.stdout), ended]);
      if (code !== 0)
        throw this.#failed(`ended with ${typeof code === 'number' ? `exit code ${code}` : code}`);
      return printed;
    } catch (error) {
      if (error instanceof KubeconfigError) throw error;
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'EACCES') throw this.#missing(error);
      throw this.#failed(`did not end within ${this.#timeoutMs / 1000} s`, error);
    } finally {
      clearTimeout(timer);
      this.#signal?.removeEventListener('abort', end);
    }
  }

  #environment(): NodeJS.ProcessEnv {
    const { ca, server, insecure, tlsServerName, proxyUrl } = this.#cluster;
    const info = {
      apiVersion: this.#exec['apiVersion'] ?? 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      spec: {
        interactive: false,
        ...(this.#exec['provideClusterInfo'] === true && {
          cluster: {
            server,
            ...(ca &&
              'text' in ca && { 'certificate-authority-data': Buffer.from(ca.text).toString('base64') }),
            ...(insecure && { 'insecure-skip-tls-verify': true }),
            ...(tlsServerName !== undefined && { 'tls-server-name': tlsServerName }),
            ...(proxyUrl !== undefined && { 'proxy-url': proxyUrl }),
          },
        }),
      },
    };
    const own = records(this.#exec['env']).map(({ name, value }): [string, string] => [
      String(name),
      String(value),
    ]);
    return { ...this.#env, ...Object.fromEntries<string>(own), KUBERNETES_EXEC_INFO: JSON.stringify(info) };
  }

  #failed(how: string, cause?: unknown): KubeconfigError {
    return new KubeconfigError(`The credential plugin ${this.#name} ${how}.`, {
      hint: 'kubectl with the same kubeconfig shows what the plugin has to say.',
      cause,
    });
  }

  #missing(cause: unknown): KubeconfigError {
    const { installHint } = this.#exec;
    return new KubeconfigError(`The credential plugin ${this.#name} cannot be started.`, {
      hint:
        typeof installHint === 'string'
          ? clip(oneLine(installHint), 400)
          : 'Install it, or use a kubeconfig that does without.',
      cause,
    });
  }
}

/** What a credential would not fill is not read to its end. */
async function printedBy(output: Readable): Promise<string> {
  let printed = '';
  for await (const chunk of output.setEncoding('utf8') as AsyncIterable<string>) {
    printed += chunk;
    if (printed.length > MAX_LENGTH) break;
  }
  return printed;
}
