import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RUNTIME } from '../../scripts/bundle.ts';
import { type Result, run } from '../cluster/run.ts';

/** What a process used, by the kernel's account. */
export interface Usage {
  /** User and system time of all its threads. */
  readonly cpuSeconds: number;
  /** Resident memory at its highest. */
  readonly peakMiB: number;
  /** Resident memory as it ended. */
  readonly lastMiB: number;
}

/** A program that ran to its end. */
export interface Ended extends Result, Usage {
  /** From before it was started until it had ended. */
  readonly seconds: number;
  readonly startedAt: Date;
}

const probe = join(import.meta.dirname, 'probe.js');

/** Runs a program of this Node to its end, and measures it. */
export async function spawnMeasured(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  const usageFile = join(tmpdir(), `weka-gitops-bench-${randomBytes(6).toString('hex')}.json`);
  const startedAt = new Date();
  try {
    const { seconds, result } = await timed(() =>
      run(process.execPath, [...RUNTIME.flags, '--import', probe, file, ...args], {
        env: { ...RUNTIME.env, PATH: process.env['PATH'], BENCH_PROBE: usageFile, ...env },
      }),
    );
    const usage = JSON.parse(await readFile(usageFile, 'utf8')) as Usage;
    return { ...result, ...usage, seconds, startedAt };
  } finally {
    await rm(usageFile, { force: true });
  }
}

export async function timed<Answer>(
  work: () => Promise<Answer>,
): Promise<{ readonly seconds: number; readonly result: Answer }> {
  const started = performance.now();
  const result = await work();
  return { seconds: (performance.now() - started) / 1000, result };
}
