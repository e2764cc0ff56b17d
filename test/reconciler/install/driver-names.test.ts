import { expect, it } from 'vitest';
import { driverNames } from '../../../reconciler/install/installation-names.ts';
import { reconcilerRights } from '../../../reconciler/install/reconciler-rights.ts';
import { driverLockName } from '../../../reconciler/driver-lock.ts';
import { authorityPlace } from '../../../reconciler/world/drivers/issuing-cluster.ts';

it('gives rights to what the reconciler keeps about drivers, under the names that it keeps it by', () => {
  const set = { name: 'second', namespace: 'system' };
  const { lock, authority } = driverNames(set.name);
  expect(driverLockName(set)).toBe(lock);
  expect(authorityPlace(set)).toEqual({ namespace: 'system', secret: authority, configMap: lock });
});

it('gives the reconciler no right to any other Secret of its own namespace', () => {
  const [own] = reconcilerRights({
    account: { namespace: 'system', serviceAccount: 'second' },
    namespaces: ['weka'],
    agentNamespace: 'nodes',
    name: 'second',
  }).filter(({ kind, metadata }) => kind === 'Role' && metadata.namespace === 'system');
  const rules = (
    own as unknown as { rules: readonly { resources: string[]; resourceNames?: string[]; verbs: string[] }[] }
  ).rules;
  expect(rules.filter(({ resources }) => resources.includes('secrets'))).toEqual([
    {
      apiGroups: [''],
      resources: ['secrets'],
      resourceNames: ['second-drivers-ca'],
      verbs: ['get', 'create', 'patch'],
    },
  ]);
});
