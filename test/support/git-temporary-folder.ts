import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemporaryFolder {
  /** A path in the folder. */
  path(name?: string): string;
  remove(): Promise<void>;
}

/** A new empty folder, which the caller removes. */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  const root = await mkdtemp(join(tmpdir(), 'git-test-'));
  return {
    path: (name = '') => join(root, name),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}
