import { describe, expect, it } from 'vitest';
import { readLoadSettings } from '../../../nodeagent/load/settings.ts';

const wanted = {
  version: '4.4.5.118',
  kernel: '6.1.0-40-cloud-amd64',
  architecture: 'x86_64',
  file: 'weka-driver-0123-4567.zip',
  sha256: 'a'.repeat(64),
  bytes: 1000,
  layout: 'vendor',
};
const from = [{ url: 'https://10.0.0.7:60002', serverName: 'demo-dist.weka.svc.cluster.local' }];
const env = {
  LOAD_PACKAGE: JSON.stringify(wanted),
  LOAD_FROM: JSON.stringify(from),
  NODE_NAME: 'node-a',
  POD_ID: 'uid-a',
};

describe('readLoadSettings', () => {
  it('replaces nothing, and tries for two minutes, where nothing else is said', () => {
    const settings = {
      package: wanted,
      from,
      node: 'node-a',
      pod: 'uid-a',
      replace: 'never',
      withinMs: 120_000,
    };
    expect(readLoadSettings(env)).toEqual(settings);
    expect(readLoadSettings({ ...env, LOAD_REPLACE: 'drain', LOAD_TIMEOUT_SECONDS: '7' })).toEqual({
      ...settings,
      replace: 'drain',
      withinMs: 7000,
    });
  });

  it.each([
    [{ LOAD_PACKAGE: undefined }, 'The pod is not told which package to load.'],
    [{ LOAD_FROM: '' }, 'The pod is not told where to get the package.'],
    [{ LOAD_FROM: '[]' }, /^LOAD_FROM of the pod cannot be used: /],
    [
      { LOAD_PACKAGE: JSON.stringify({ ...wanted, sha256: 'x' }) },
      'LOAD_PACKAGE of the pod cannot be used at sha256: is no SHA-256.',
    ],
    [
      { LOAD_PACKAGE: JSON.stringify({ ...wanted, layout: 'modules' }) },
      'The package weka-driver-0123-4567.zip is of modules, which the agent of the node loads itself.',
    ],
    [{ LOAD_REPLACE: 'always' }, 'LOAD_REPLACE of the pod is none of never, unused and drain.'],
    [{ NODE_NAME: undefined }, 'NODE_NAME "" is no name of a node.'],
  ])('refuses %j', (changed, message) => {
    expect(() => readLoadSettings({ ...env, ...changed })).toThrow(message);
  });
});
