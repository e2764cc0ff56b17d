import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UploadError } from '../../../nodeagent/upload/errors.ts';
import { failedResult, leaveResult } from '../../../nodeagent/upload/leave-result.ts';
import { DriverResult, MAX_RESULT_BYTES } from '../../../schemas/drivers/result.ts';
import { scratchFolder } from '../../cluster/scratch.ts';

async function left(result: DriverResult): Promise<{ readonly bytes: number; readonly read: DriverResult }> {
  const file = join(await scratchFolder(), 'termination-log');
  await leaveResult(file, result);
  const text = await readFile(file);
  return { bytes: text.length, read: DriverResult.parse(JSON.parse(text.toString('utf8'))) };
}

describe('what a pod leaves', () => {
  it('says what failed, and what to do', async () => {
    const error = new UploadError('UPLOAD_NO_ROOM', 'There is no room.');
    expect((await left(failedResult(error))).read).toEqual({
      schemaVersion: 1,
      result: 'failed',
      code: 'UPLOAD_NO_ROOM',
      message: 'There is no room.',
      hint: 'Give the distribution service a larger volume, or raise DIST_BUDGET_BYTES.',
    });
  });

  it('is no more than a kubelet keeps: the last of the last lines, each cut', async () => {
    const lastLines = Array.from({ length: 60 }, (_, index) => `${index}: ${'ü\t\u001b'.repeat(200)}`);
    const { bytes, read } = await left(
      failedResult(new UploadError('UPLOAD_TLS', `${'long '.repeat(200)}.`), { lastLines }),
    );
    expect(bytes).toBeLessThanOrEqual(MAX_RESULT_BYTES);
    expect(read).toMatchObject({ message: expect.stringMatching(/^long .*…$/) });
    const lines = read.result === 'failed' ? (read.lastLines ?? []) : [];
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.at(-1)).toMatch(/^59: ü ü .*…$/);
  });
});
