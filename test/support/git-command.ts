import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** What git may know of its surroundings: nothing of the machine's or the user's own settings. */
export function gitEnvironment(home: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: home,
    LC_ALL: 'C',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Ada Author',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada Author',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
  };
}

export interface GitOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs git in `folder` and gives what it printed, without the last newline. Throws when it fails. */
export async function runGit(
  folder: string,
  args: readonly string[],
  { input = '', env }: GitOptions = {},
): Promise<string> {
  const child = spawn('git', args, { cwd: folder, env: { ...gitEnvironment(folder), ...env } });
  // A program that does not read its input closes it, which is no failure.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [code, stdout, stderr] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
  if (code !== 0) throw new Error(`git ${args.join(' ')} failed (${code}): ${stderr.trim()}`);
  return stdout.replace(/\n$/, '');
}
