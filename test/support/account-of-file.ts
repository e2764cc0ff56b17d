import { randomBytes } from 'node:crypto';
import { afterAll } from 'vitest';
import type { Cluster } from '../cluster/cluster.ts';
import { type InstalledAccount, installedReconciler, type InstalledRights } from './installed-account.ts';

/** The account of an installed reconciler for all tests of a file, to be awaited at its top. */
export async function accountOfFile(
  cluster: Cluster,
  opened: Pick<InstalledRights, 'kinds'> = {},
): Promise<InstalledAccount> {
  const name = `f-${randomBytes(3).toString('hex')}`;
  const account = await installedReconciler(cluster, { ...opened, name, namespace: `${name}-system` });
  afterAll(
    async () => void (await Promise.all([account.remove(), cluster.deleteNamespace(account.namespace)])),
  );
  return account;
}
