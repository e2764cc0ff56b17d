import { inspect } from 'node:util';
import { expect } from 'vitest';
import { explain, ReconcilerError } from '../../../../reconciler/errors.ts';

/** What a person is told when this fails, with the server's changing port left out. */
export async function failure(attempt: Promise<unknown>): Promise<string> {
  return told(await thrown(attempt));
}

export function told(error: ReconcilerError): string {
  return explain(error).replaceAll(/127\.0\.0\.1:\d+/g, 'SERVER');
}

/** The error this fails with, which has to be one that a person can act on. */
export async function thrown(attempt: Promise<unknown>): Promise<ReconcilerError> {
  const error = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ReconcilerError) return error;
  throw new Error(`This is no failure as people are told of: ${inspect(error)}`);
}

/** Looks for a secret in all that can be seen of an error: its text, its causes and their fields. */
export function expectNoSecret(error: Error, ...secrets: readonly string[]): void {
  const all = `${inspect(error, { depth: 20, showHidden: true })}${error.stack}`;
  for (const secret of secrets) {
    expect(all).not.toContain(secret);
    expect(all).not.toContain(Buffer.from(secret).toString('base64').slice(0, 8));
  }
}
