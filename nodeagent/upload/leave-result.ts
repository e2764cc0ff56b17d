import { writeFile } from 'node:fs/promises';
import { DriverResult, MAX_RESULT_BYTES } from '../../schemas/drivers/result.ts';
import type { ReconcilerError } from '../../reconciler/errors.ts';

type Failed = Extract<DriverResult, { result: 'failed' }>;

const MAX_SENTENCE = 400;
const MAX_LINE = 300;
const MAX_LINES = 20;

/** How a pod failed, of what it failed by. */
export function failedResult(
  { code, message, hint }: Pick<ReconcilerError, 'code' | 'message' | 'hint'>,
  more: Pick<Failed, 'target' | 'lastLines'> = {},
): Failed {
  return {
    schemaVersion: 1,
    result: 'failed',
    code,
    message: cut(message, MAX_SENTENCE),
    ...(hint === undefined ? {} : { hint: cut(hint, MAX_SENTENCE) }),
    ...more,
  };
}

/**
 * Writes what the cluster is told of how this pod ended; without the oldest of the last lines where all of them are more than a
 * kubelet keeps.
 */
export async function leaveResult(file: string, result: DriverResult): Promise<void> {
  await writeFile(file, resultText(result));
}

export function resultText(result: DriverResult): string {
  if (result.result !== 'failed' || result.lastLines === undefined)
    return JSON.stringify(DriverResult.parse(result));
  let lines = result.lastLines.slice(-MAX_LINES).map((line) => cut(clean(line), MAX_LINE));
  for (;;) {
    const text = JSON.stringify(DriverResult.parse({ ...result, lastLines: lines }));
    if (Buffer.byteLength(text) <= MAX_RESULT_BYTES || lines.length === 0) return text;
    lines = lines.slice(1);
  }
}

/** Without what a report may not have. */
function clean(line: string): string {
  return line.replaceAll('\t', ' ').replaceAll(/[\p{Cc}\p{Cs}]/gu, '');
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
