import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { RUNTIME, runtimeEnv } from '../../scripts/bundle.ts';
import { type Result, run } from '../cluster/run.ts';
import { processUsage } from './process-usage.ts';

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
        env: { ...runtimeEnv(file), PATH: process.env['PATH'], BENCH_PROBE: usageFile, ...env },
      }),
    );
    const usage = JSON.parse(await readFile(usageFile, 'utf8')) as Usage;
    return { ...result, ...usage, seconds, startedAt };
  } finally {
    await rm(usageFile, { force: true });
  }
}

/** As often as a program that is not Node is looked at: what it uses after the last look is not counted. */
const LOOK_MS = 5;

/** Runs any program to its end, and measures it from outside, by looking again and again. */
export async function watchMeasured(file: string, args: readonly string[]): Promise<Ended> {
  const startedAt = new Date();
  const started = performance.now();
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let used = { cpuSeconds: 0, nowMiB: 0, peakMiB: 0 };
  const looks = setInterval(() => {
    const seen = child.pid === undefined ? undefined : processUsage(child.pid);
    if (seen !== undefined) used = seen;
  }, LOOK_MS);
  try {
    const exited = once(child, 'close');
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
    const seconds = (performance.now() - started) / 1000;
    const { cpuSeconds, peakMiB, nowMiB } = used;
    return {
      stdout,
      stderr,
      exitCode: child.exitCode ?? -1,
      seconds,
      startedAt,
      cpuSeconds,
      peakMiB,
      lastMiB: nowMiB,
    };
  } finally {
    clearInterval(looks);
  }
}

/**
 * Milliseconds from the start of a program until it has said anything on its standard output. Throws where all that it
 * says is not `about` this: it would be fast for the wrong reason.
 */
export async function firstByte(
  file: string,
  args: readonly string[],
  { about, env = process.env }: { readonly about: string; readonly env?: NodeJS.ProcessEnv },
): Promise<number> {
  const started = performance.now();
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'close');
  let first = Number.NaN;
  child.stdout.once('data', () => (first = performance.now() - started));
  const [said] = await Promise.all([text(child.stdout), exited]);
  if (!said.includes(about)) throw new Error(`${file} ${args.join(' ')} says nothing about it:\n${said}`);
  return first;
}

export async function timed<Answer>(
  work: () => Promise<Answer>,
): Promise<{ readonly seconds: number; readonly result: Answer }> {
  const started = performance.now();
  const result = await work();
  return { seconds: (performance.now() - started) / 1000, result };
}
