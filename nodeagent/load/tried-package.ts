import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { Sha256 } from '../../schemas/drivers/package.ts';
import { writeDurably } from '../drivers/durable.ts';
import { VendorInstallError } from './errors.ts';
import { readNote } from './read-note.ts';

const NOTE = 'tried.json';

const Tried = z.object({
  schemaVersion: z.literal(1),
  sha256: Sha256,
  bootId: z.string(),
  pod: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  lastLines: z.array(z.string()),
});

/** Which attempt this is: what failed in one is not tried again by the same pod until the node is booted again. */
export interface Attempt {
  readonly sha256: string;
  readonly bootId: string;
  /** What tells this pod from others, as its uid does. */
  readonly pod: string;
}

/** How this attempt failed before, where the node went back to other drivers then: it would have none again for a while, for nothing. */
export async function triedBefore(
  folder: string,
  { sha256, bootId, pod }: Attempt,
): Promise<VendorInstallError | undefined> {
  const tried = await readNote(join(folder, NOTE), Tried);
  if (tried?.sha256 !== sha256 || tried.bootId !== bootId || tried.pod !== pod) return undefined;
  const { message, hint, lastLines } = tried;
  return new VendorInstallError(message, { hint, lastLines });
}

/** Notes how it failed. */
export async function noteTried(
  folder: string,
  attempt: Attempt,
  { message, hint, lastLines }: VendorInstallError,
): Promise<void> {
  const { sha256, bootId, pod } = attempt;
  const tried: z.input<typeof Tried> = {
    schemaVersion: 1,
    sha256,
    bootId,
    pod,
    message,
    ...(hint === undefined ? {} : { hint }),
    lastLines: [...lastLines],
  };
  await writeDurably(join(folder, NOTE), JSON.stringify(tried));
}

export async function forgetTried(folder: string): Promise<void> {
  await rm(join(folder, NOTE), { force: true });
}
