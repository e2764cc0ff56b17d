import { describe, expect, it } from 'vitest';
import { ReconcilerError } from '../../../reconciler/errors.ts';
import { Trouble } from '../../../reconciler/unattended/trouble.ts';
import { ManualTime } from '../world/lease/manual-time.ts';

class Failure extends ReconcilerError {
  readonly code: string;
  readonly retry = 'next-pass';

  constructor(code: string, retryAfterMs?: number) {
    super('It failed.', { retryAfterMs });
    this.code = code;
  }
}

function aTrouble() {
  const lines: string[] = [];
  const at = (level: string) => (_: object, message: string) => void lines.push(`${level} ${message}`);
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  const counted: string[] = [];
  const metrics = { observeError: (code: string) => void counted.push(code) };
  return {
    trouble: new Trouble({ log, metrics, time: new ManualTime(), random: () => 0.5 }),
    lines,
    counted,
  };
}

describe('what fails', () => {
  it('is a warning once for each of its codes, though they take turns, and its end one line', () => {
    const { trouble, lines, counted } = aTrouble();
    for (let n = 0; n < 5; n++) {
      trouble.failed('api', new Failure('API_TIMEOUT'), 'Pass failed');
      trouble.failed('api', new Failure('API_UNAVAILABLE'), 'Pass failed');
    }
    trouble.ended('api');
    trouble.ended('api');
    expect(lines.filter((line) => !line.startsWith('debug'))).toEqual([
      'warn Pass failed',
      'warn Pass failed',
      'info Works again',
    ]);
    expect(counted).toHaveLength(10);
  });

  it('is news again after it has worked', () => {
    const { trouble, lines } = aTrouble();
    trouble.failed('api', new Failure('API_TIMEOUT'), 'Pass failed');
    trouble.ended('api');
    trouble.failed('api', new Failure('API_TIMEOUT'), 'Pass failed');
    expect(lines).toEqual(['warn Pass failed', 'info Works again', 'warn Pass failed']);
  });

  it('waits as long as the server asks, and makes nothing else wait', () => {
    const { trouble } = aTrouble();
    trouble.failed('status', new Failure('REPOSITORY_UNREACHABLE', 60_000), 'Could not write');
    expect(trouble.remainingMs('status')).toBe(60_000);
    expect(trouble.remainingMs('repository')).toBe(0);
  });
});
