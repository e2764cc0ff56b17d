import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface Result {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

export interface RunOptions {
  readonly input?: string | undefined;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** Runs a program to its end. Only a program that cannot be started throws. */
export async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<Result> {
  const { input = '', env = process.env, cwd } = options;
  const child = spawn(file, args, { env, ...(cwd && { cwd }), stdio: 'pipe' });
  // A program may end without reading what it was given; how it ended says enough.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const exited = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? -1));
  });
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { stdout, stderr, exitCode };
}
