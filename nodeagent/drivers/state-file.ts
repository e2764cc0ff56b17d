import { readFile } from 'node:fs/promises';
import { DriversState, NO_STATE } from '../plan/drivers-state.ts';
import { onDisk } from './disk-fault.ts';
import { writeDurably } from './durable.ts';

/** What the agent of this node wrote down before. One that cannot be read is none: the cluster has what matters of it. */
export async function readState(path: string): Promise<DriversState> {
  try {
    return DriversState.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return NO_STATE;
  }
}

export async function writeState(path: string, state: DriversState): Promise<void> {
  await onDisk(path, async () => await writeDurably(path, `${JSON.stringify(state)}\n`));
}
