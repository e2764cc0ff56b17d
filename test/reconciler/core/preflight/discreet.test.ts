import { expect, it } from 'vitest';
import { discreet } from '../../../../reconciler/core/preflight/discreet.ts';
import type { Preflight } from '../../../../schemas/output/preflight.ts';
import { preflightHtml } from '../../../../reconciler/core/report/preflight-html.ts';
import { preflightMarkdown } from '../../../../reconciler/core/report/preflight-markdown.ts';
import { preflightText } from '../../../../reconciler/core/report/preflight-text.ts';
import { cluster } from '../lint/facts/build-facts.ts';
import { look } from './checked.ts';
import { aDevice } from './fleet.ts';

const found = look({ manifests: cluster('{ network: { ethDevice: sealed0 } }') });

/** What of a cluster that is fit stands in the repository: names, namespaces and devices. */
const fit: Preflight = {
  ...look({
    manifests: cluster(
      '{ network: { ethDevice: sealed0 }, dynamicTemplate: { driveContainers: 1, computeContainers: 1, driveCores: 1, numDrives: 1 } }',
      'sealed-name',
    ),
    seen: { networkInterfaces: [aDevice({ name: 'sealed0' })] },
    namespaces: ['sealed-space'],
    traits: { podSecurity: new Map([['sealed-space', 'privileged']]) },
  }),
  notes: ['The repository asks for sealed-name.'],
};

it('tells nothing of what stands encrypted in the repository', () => {
  expect(JSON.stringify(found)).toContain('sealed0');
  const shown = JSON.stringify(discreet(found, ['sealed0', 'demo']));
  expect(shown).not.toContain('sealed0');
  expect(shown).not.toContain('drive of demo');
});

it('tells nothing of it where all passes either', () => {
  const passed = fit.checks.filter(({ seen }) => seen.some(({ value }) => value.includes('sealed')));
  expect(passed.map(({ check }) => check)).toEqual(
    expect.arrayContaining(['nodes-for-roles', 'privileged-pods', 'network-devices', 'network-mtu']),
  );
  const shown = discreet(fit, ['sealed-space', 'sealed-name', 'sealed0']);
  expect(JSON.stringify(shown)).not.toContain('sealed');
  const style = { colour: false, width: 200 };
  for (const text of [preflightText(shown, style), preflightMarkdown(shown), preflightHtml(shown)]) {
    expect(text).not.toContain('sealed');
    expect(text).toContain('(hidden)');
  }
});

it('changes nothing where nothing is encrypted', () => {
  expect(discreet(found, [])).toBe(found);
});
