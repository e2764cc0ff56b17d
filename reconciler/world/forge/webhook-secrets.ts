import { readFile, stat } from 'node:fs/promises';
import type { Log } from '../../ports.ts';

/** Looking for each of a thousand deliveries would cost more than all else that is done for them. */
const LOOK_EVERY_MS = 1_000;
/** The new one and the old one; each more makes a delivery dearer. */
const MOST_SECRETS = 4;

/** The secrets that may sign deliveries; asked before each one. */
export type WebhookSecrets = () => Promise<readonly string[]>;

/** A secret that stays as it is for as long as the process lives. */
export function fixedSecret(secret: string): WebhookSecrets {
  const secrets = secretsIn(secret);
  return () => Promise.resolve(secrets);
}

/**
 * The secrets that a file holds, one a line, so that the old one goes on being good until the forge has been given the new one.
 * The file is read again when it is another than before; while it cannot be read, what was in it goes on being used.
 */
export function secretsInFile(
  path: string,
  { log, now = () => performance.now() }: { readonly log: Log; readonly now?: () => number },
): WebhookSecrets {
  let lookedAt = -Infinity;
  let stamp: string | undefined;
  let secrets: readonly string[] = [];
  let isUnreadable = false;
  const look = async (): Promise<void> => {
    try {
      const { mtimeMs, ctimeMs, size, ino } = await stat(path);
      const found = [mtimeMs, ctimeMs, size, ino].join(' ');
      if (found !== stamp) secrets = secretsIn(await readFile(path, 'utf8'));
      stamp = found;
      isUnreadable = false;
    } catch {
      if (!isUnreadable) log.warn({ path }, 'Could not read the secret of the webhook');
      isUnreadable = true;
    }
  };
  let looking: Promise<void> | undefined;
  return async () => {
    if (looking === undefined && now() - lookedAt >= LOOK_EVERY_MS) {
      lookedAt = now();
      looking = look().finally(() => (looking = undefined));
    }
    await looking;
    return secrets;
  };
}

function secretsIn(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(0, MOST_SECRETS);
}
