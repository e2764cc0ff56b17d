import { expect, it } from 'vitest';
import { discreet } from '../../../../reconciler/core/preflight/discreet.ts';
import { cluster } from '../lint/facts/build-facts.ts';
import { look } from './checked.ts';

const found = look({ manifests: cluster('{ network: { ethDevice: sealed0 } }') });

it('tells nothing of what stands encrypted in the repository', () => {
  expect(JSON.stringify(found)).toContain('sealed0');
  const shown = JSON.stringify(discreet(found, ['sealed0', 'demo']));
  expect(shown).not.toContain('sealed0');
  expect(shown).not.toContain('drive of demo');
});

it('changes nothing where nothing is encrypted', () => {
  expect(discreet(found, [])).toBe(found);
});
