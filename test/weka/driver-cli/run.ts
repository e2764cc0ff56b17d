import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Failure } from './failure.ts';

/** What a program of the system printed; throws a Failure with what it complained of. */
export async function run(file: string, args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(file, [...args], { maxBuffer: 1 << 26 })).stdout;
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    throw new Failure(`${stderr === '' ? `${message}\n` : stderr}error: ${file} failed`);
  }
}
