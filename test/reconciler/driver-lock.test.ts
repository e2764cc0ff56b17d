import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type DriversLock, EMPTY_LOCK, lockText } from '../../reconciler/core/drivers/lock.ts';
import { Pins } from '../../reconciler/core/drivers/pins.ts';
import { readDriverLock, writeDriverLock } from '../../reconciler/driver-lock.ts';
import { openKubeCluster } from '../../reconciler/world/live/kube-cluster.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { installedReconciler } from '../support/installed-account.ts';
import { aPackage, aTarget } from '../support/drivers-world.ts';

const control = await sharedCluster();

const lockOf = (...versions: readonly string[]): DriversLock => ({
  schemaVersion: 1,
  packages: versions.map((version) => ({
    service: 'weka/dist',
    package: aPackage(aTarget(version)),
    origin: { kind: 'registry', url: 'https://drivers.example.com/dist/v1/drivers/x' },
    commit: 'c'.repeat(40),
  })),
});

/** Where an installation keeps its lock, with the rights that are installed. */
async function aPlace() {
  const name = `l-${randomBytes(3).toString('hex')}`;
  const namespace = await control.namespace();
  const account = await installedReconciler(control, { name, namespace });
  onTestFinished(() => account.remove());
  const cluster = await openKubeCluster({ kubeconfig: account.kubeconfig, env: {} });
  onTestFinished(() => cluster.close());
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const write = async (data: Readonly<Record<string, string>>) => {
    const metadata = { name: `${name}-drivers`, namespace };
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
    await control.kubectl(
      ['apply', '--server-side', '--force-conflicts', '--field-manager=somebody', '-f', '-'],
      { input: JSON.stringify(object) },
    );
  };
  return { cluster, set: { name, namespace }, path, write };
}

describe('the lock of drivers', () => {
  it('is empty before anything is pinned, and has what was written from then on', async () => {
    const { cluster, set } = await aPlace();
    const none = await readDriverLock(cluster, set);
    expect(none).toMatchObject({ lock: { packages: [] }, ca: undefined, live: undefined });
    await writeDriverLock(cluster, set, lockOf('4.4.5'), none);
    const one = await readDriverLock(cluster, set);
    expect(one.lock).toEqual(lockOf('4.4.5'));
    await writeDriverLock(cluster, set, lockOf('4.4.5', '4.4.6'), one);
    expect((await readDriverLock(cluster, set)).lock?.packages).toHaveLength(2);
  });

  it('is not written where it could not be read again, or is more than is kept', async () => {
    const { cluster, set } = await aPlace();
    const none = await readDriverLock(cluster, set);
    const [entry] = lockOf('4.4.5').packages;
    const accepted = { approvals: Array.from({ length: 65 }, () => 'a'), insteadOf: [] };
    const many = Array.from({ length: 4096 }, (_, index) => `4.4.${index}`);
    for (const lock of [lockOf(...many), { ...lockOf(), packages: [{ ...entry!, accepted }] }]) {
      await expect(writeDriverLock(cluster, set, lock, none)).rejects.toMatchObject({
        code: 'DRIVERS_LOCK_FULL',
      });
    }
    expect((await readDriverLock(cluster, set)).live).toBeUndefined();
    const packages = lockOf(...many.slice(0, 2400)).packages;
    const full = new Pins({ schemaVersion: 1, packages: [] });
    expect(packages.every((each) => full.add(each))).toBe(false);
    await writeDriverLock(cluster, set, full.lock(), none);
    expect((await readDriverLock(cluster, set)).lock).toEqual(full.lock());
  });

  it('keeps what vouches for services beside it', async () => {
    const { cluster, set, write } = await aPlace();
    await write({ 'ca.crt': 'the authority', 'drivers.lock': lockText(EMPTY_LOCK) });
    const known = await readDriverLock(cluster, set);
    expect(known).toMatchObject({ lock: { packages: [] }, ca: 'the authority' });
    await writeDriverLock(cluster, set, lockOf('4.4.5'), known);
    expect(await readDriverLock(cluster, set)).toMatchObject({ lock: lockOf('4.4.5'), ca: 'the authority' });
  });

  it('is not known where somebody has written something else there', async () => {
    const { cluster, set, write } = await aPlace();
    for (const text of ['', 'not JSON', '{"schemaVersion":2,"packages":[]}', '{"schemaVersion":1}']) {
      await write({ 'drivers.lock': text });
      expect((await readDriverLock(cluster, set)).lock).toBeUndefined();
    }
  });

  it('is not known where it has gone from beside what vouches for services', async () => {
    const { cluster, set, write } = await aPlace();
    await write({ 'ca.crt': 'the authority' });
    expect(await readDriverLock(cluster, set)).toMatchObject({ lock: undefined, ca: 'the authority' });
  });

  it('is written in place of the one that was read, and of no other', async () => {
    const { cluster, set, write } = await aPlace();
    const none = await readDriverLock(cluster, set);
    await writeDriverLock(cluster, set, lockOf('4.4.4'), none);
    await expect(writeDriverLock(cluster, set, lockOf('4.4.5'), none)).rejects.toMatchObject({
      code: 'API_CONFLICT',
      message: expect.stringContaining('was changed by somebody else'),
    });
    expect((await readDriverLock(cluster, set)).lock).toEqual(lockOf('4.4.4'));
    // A new authority beside it is no matter of the lock.
    const known = await readDriverLock(cluster, set);
    await write({ 'ca.crt': 'a new authority' });
    await writeDriverLock(cluster, set, lockOf('4.4.5'), known);
    expect(await readDriverLock(cluster, set)).toMatchObject({
      lock: lockOf('4.4.5'),
      ca: 'a new authority',
    });
  });
});
