import { spawn } from 'node:child_process';

/** What became of a program. */
export interface CommandResult {
  /** 127 where there is no such program; 128 and more where it ended by a signal. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one program on the host. Injected, so everything above it is tested without a host. */
export type Exec = (file: string, args: readonly string[]) => Promise<CommandResult>;

/** Nothing that the agent runs says as much. */
const MOST_OUTPUT = 64 * 1024;

/** Where the programs of an image are, whatever the environment of this process says. */
const PROGRAMS = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Runs programs by their list of arguments, never through a shell, with nothing of this process's environment. One that takes longer than `timeoutMs` is killed.
 */
export function openExec({
  path = PROGRAMS,
  timeoutMs = 60_000,
}: { readonly path?: string; readonly timeoutMs?: number } = {}): Exec {
  return async (file, args) =>
    await new Promise((resolve) => {
      const child = spawn(file, args, {
        env: { PATH: path, LC_ALL: 'C' },
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
      });
      const said = { stdout: '', stderr: '' };
      const listen = (of: 'stdout' | 'stderr'): void => {
        child[of].setEncoding('utf8').on('data', (text: string) => {
          said[of] = `${said[of]}${text}`.slice(0, MOST_OUTPUT);
        });
      };
      listen('stdout');
      listen('stderr');
      child.once('error', (error: NodeJS.ErrnoException) =>
        resolve({
          ...said,
          exitCode: 127,
          stderr: `${file} cannot be run (${error.code ?? error.message}).`,
        }),
      );
      child.once('close', (code, signal) => {
        const late = signal === 'SIGKILL' ? `${file} did not end within ${timeoutMs / 1000} s.\n` : '';
        resolve({ ...said, exitCode: code ?? 137, stderr: `${said.stderr}${late}` });
      });
    });
}
