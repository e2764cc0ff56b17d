import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A fresh folder for the test that asks, which goes with it; for all tests of a file: `scratchFolder(afterAll)`. */
export async function scratchFolder(
  finished: (clean: () => Promise<void>) => void = onTestFinished,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'weka-gitops-test-'));
  finished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes an executable shell script, and gives its path. */
export async function script(path: string, ...lines: string[]): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, ['#!/bin/sh', ...lines, ''].join('\n'));
  await chmod(path, 0o755);
  return path;
}
