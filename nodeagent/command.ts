import { spawn } from 'node:child_process';
import type { FileHandle } from 'node:fs/promises';

/** What became of a program. */
export interface CommandResult {
  /** 127 where there is no such program; 128 and more where it ended by a signal. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** It was killed since it took too long. */
  readonly isLate?: true;
  /** It did not end by that either, as what hangs in the kernel does not: settles once it does. */
  readonly hangs?: Promise<void>;
}

/**
 * Runs one program on the host, which gets the files of `handles` as its own from number 3 on. Injected, so everything above it is
 * tested without a host.
 */
export type Exec = (
  file: string,
  args: readonly string[],
  handles?: readonly FileHandle[],
) => Promise<CommandResult>;

/** Nothing that the agent runs says as much. */
const MOST_OUTPUT = 64 * 1024;

/** How long what was killed, or has ended, gets to be gone with all that it said. */
const SETTLE_MS = 1000;

/** Where the programs of an image are, whatever the environment of this process says. */
const PROGRAMS = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Runs programs by their list of arguments, never through a shell, with nothing of this process's environment. One that takes longer
 * than `timeoutMs` is killed, and is not waited for where it does not end by that.
 */
export function openExec({
  path = PROGRAMS,
  timeoutMs = 60_000,
}: { readonly path?: string; readonly timeoutMs?: number } = {}): Exec {
  return async (file, args, handles = []) =>
    await new Promise<CommandResult>((resolve) => {
      const child = spawn(file, args, {
        env: { PATH: path, LC_ALL: 'C' },
        // What comes after the first three has no types.
        stdio: ['ignore', 'pipe', 'pipe', ...handles.map(({ fd }) => fd)] as unknown as [
          'ignore',
          'pipe',
          'pipe',
        ],
      });
      const said = { stdout: '', stderr: '' };
      const listen = (of: 'stdout' | 'stderr'): void => {
        child[of].setEncoding('utf8').on('data', (text: string) => {
          said[of] = `${said[of]}${text}`.slice(0, MOST_OUTPUT);
        });
      };
      listen('stdout');
      listen('stderr');
      let isLate = false;
      let settling: NodeJS.Timeout | undefined;
      const ended = Promise.withResolvers<void>();
      const late = (): CommandResult => ({
        ...said,
        exitCode: 137,
        stderr: `${said.stderr}${file} did not end within ${timeoutMs / 1000} s.\n`,
        isLate: true,
      });
      const timer = setTimeout(() => {
        isLate = true;
        child.kill('SIGKILL');
        settling = setTimeout(() => {
          for (const stream of [child.stdout, child.stderr]) stream.destroy();
          child.unref();
          resolve(
            child.exitCode === null && child.signalCode === null
              ? { ...late(), hangs: ended.promise }
              : late(),
          );
        }, SETTLE_MS);
      }, timeoutMs);
      // Another process may hold its output open.
      child.once('exit', (code, signal) => {
        ended.resolve();
        if (isLate) return;
        clearTimeout(timer);
        settling = setTimeout(() => {
          for (const stream of [child.stdout, child.stderr]) stream.destroy();
          resolve(resultOf(code, signal));
        }, SETTLE_MS);
      });
      const resultOf = (code: number | null, signal: NodeJS.Signals | null): CommandResult => {
        const killed = signal === null ? '' : `${file} was ended by ${signal}.\n`;
        return { ...said, exitCode: code ?? 137, stderr: `${said.stderr}${killed}` };
      };
      child.once('error', (error: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        resolve({
          ...said,
          exitCode: 127,
          stderr: `${file} cannot be run (${error.code ?? error.message}).`,
        });
      });
      child.once('close', (code, signal) => {
        clearTimeout(timer);
        clearTimeout(settling);
        resolve(isLate ? late() : resultOf(code, signal));
      });
    }).catch((error: unknown) => ({
      // A node that has no memory for it says so at once.
      exitCode: 127,
      stdout: '',
      stderr: `${file} cannot be run (${(error as NodeJS.ErrnoException).code ?? String(error)}).`,
    }));
}
