import { expect, it } from 'vitest';
import { openForge } from '../../../../reconciler/world/forge/open-forge.ts';

const common = {
  repository: 'acme/infra',
  userAgent: 'weka-gitops/0.0.0-test',
  // Nothing is asked for before there is something to do.
  credentials: () => Promise.reject(new Error('Nobody has asked.')),
};

it.each([
  ['github', 'https://github.com', 'GitHub', 'https://github.com/acme/infra/commit/1'],
  ['gitea', 'https://git.example/forge', 'Gitea', 'https://git.example/forge/acme/infra/commit/1'],
  ['forgejo', 'https://codeberg.org', 'Gitea', 'https://codeberg.org/acme/infra/commit/1'],
] as const)('opens a forge of kind %s', async (kind, url, name, page) => {
  await using forge = await openForge({ ...common, kind, url });

  expect(forge.name).toBe(name);
  expect(forge.repository).toBe('acme/infra');
  expect(forge.pages.commit('1' as Parameters<typeof forge.pages.commit>[0])).toBe(page);
});

it.each([
  ['http://git.example', 1],
  ['http://127.0.0.1:3000', 0],
  ['https://git.example', 0],
] as const)('warns once where a token would be read on the way: %s', async (url, count) => {
  const warnings: object[] = [];
  const log = { warn: (fields: object) => void warnings.push(fields) };
  await using forge = await openForge({ ...common, kind: 'gitea', url, log });

  expect(forge.name).toBe('Gitea');
  expect(warnings).toEqual(Array.from({ length: count }, () => ({ url })));
});
