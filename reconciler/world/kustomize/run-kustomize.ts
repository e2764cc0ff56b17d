import { spawn } from 'node:child_process';
import type { KustomizeProgram } from './find-kustomize.ts';

export interface RunLimits {
  readonly timeMs: number;
  readonly outputBytes: number;
}

/** How a build ended. */
export type Build =
  | { readonly result: 'built'; readonly output: string }
  | { readonly result: 'failed'; readonly errors: string }
  /** Ended by somebody else, or not to be started. */
  | { readonly result: 'lost'; readonly how: string }
  | { readonly result: 'too-slow' | 'too-large' };

/** Of what it complains; the rest is not kept. */
const ERROR_BYTES = 256 * 1024;

/** What only a program that reaches out would use: it finds a closed door. */
const NOWHERE = 'http://127.0.0.1:9';

/**
 * Builds the folder `target`. The program gets no environment but a home that is empty, no other program to call, and no
 * network. Where `signal` is aborted it is ended, and the reason thrown.
 */
export async function runKustomize(
  { file, args }: KustomizeProgram,
  target: string,
  options: {
    readonly home: string;
    readonly limits: RunLimits;
    readonly signal: AbortSignal;
  },
): Promise<Build> {
  const { home, limits, signal } = options;
  signal.throwIfAborted();
  const child = spawn(file, [...args, '--load-restrictor', 'LoadRestrictionsRootOnly', target], {
    cwd: home,
    env: { HOME: home, PATH: '', TMPDIR: home, HTTP_PROXY: NOWHERE, HTTPS_PROXY: NOWHERE },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = () => {
    child.kill('SIGKILL');
    // What it may have started holds the pipes open, and is not waited for.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  let broken: 'too-slow' | 'too-large' | undefined;
  const stop = (why: 'too-slow' | 'too-large') => {
    broken ??= why;
    end();
  };
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  let outputBytes = 0;
  let errorBytes = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    outputBytes += chunk.byteLength;
    if (outputBytes > limits.outputBytes) stop('too-large');
    else output.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errorBytes += chunk.byteLength;
    if (errorBytes <= ERROR_BYTES) errors.push(chunk);
  });
  const timer = setTimeout(() => stop('too-slow'), limits.timeMs);
  signal.addEventListener('abort', end);
  try {
    const ended = await new Promise<{ code: number | null; how: string }>((resolve) => {
      child.once('error', (error: NodeJS.ErrnoException) =>
        resolve({ code: null, how: error.code ?? 'no start' }),
      );
      child.once('close', (code, by) => resolve({ code, how: by ?? '' }));
    });
    signal.throwIfAborted();
    if (broken !== undefined) return { result: broken };
    if (ended.code === null) return { result: 'lost', how: ended.how };
    if (ended.code !== 0) return { result: 'failed', errors: Buffer.concat(errors).toString('utf8') };
    return { result: 'built', output: Buffer.concat(output).toString('utf8') };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}
