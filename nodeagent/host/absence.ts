import { type Observed, unknown } from '../../schemas/node/observed.ts';
import type { Reading } from '../observe/reading.ts';
import type { Host, HostPath } from './host.ts';

/**
 * What it means that something is absent, which counts only where `beside` is there: of a root that has nothing at all,
 * nothing is known. Undefined where it is not absent.
 */
export async function meaningOfAbsence<Answer>(
  host: Host,
  reading: Reading<unknown>,
  { beside, means }: { readonly beside: HostPath; readonly means: Answer },
): Promise<Observed<Answer> | undefined> {
  if (reading.state !== 'absent') return undefined;
  const there = await host.kind(beside);
  return there.state === 'read' ? means : unknown(reading.reason);
}
