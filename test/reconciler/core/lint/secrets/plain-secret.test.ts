import { describe, expect, it } from 'vitest';
import { lint } from '../../../../../reconciler/core/lint/lint.ts';
import { parseSpecs } from '../../../../../reconciler/core/spec/parse.ts';
import type { SealedValue } from '../../../../../reconciler/core/spec/source.ts';

const TEXT = [
  'apiVersion: v1',
  'kind: Secret',
  'metadata: { name: login, namespace: weka }',
  'stringData:',
  '  username: example-user',
  '  password: example-word',
].join('\n');

describe('a Secret whose values stand encrypted in the repository', () => {
  it('is fine', () => {
    expect(messages([sealed('username'), sealed('password')])).toEqual([]);
  });

  it('is fine where sops leaves the name of the user in plain', () => {
    expect(messages([sealed('password')])).toEqual([]);
  });

  it('is not fine where the password is the one that is in plain', () => {
    expect(messages([sealed('username')])).toEqual([
      '"password" of the Secret stands in plain in the repository.',
    ]);
  });

  it('tells no value of one in plain', () => {
    const told = JSON.stringify(findings([]));
    expect(told).toContain('plain-secret');
    expect(told).not.toMatch(/example-(user|word)/);
  });
});

function sealed(key: string): SealedValue {
  return { document: 0, path: ['stringData', key] };
}

function messages(values: readonly SealedValue[]): readonly string[] {
  return findings(values).map(({ message }) => message);
}

function findings(values: readonly SealedValue[]) {
  const file = { path: 'login.yaml', content: new TextEncoder().encode(TEXT), sealed: values };
  return lint(parseSpecs([file], { kinds: [], systemNamespace: 'weka-gitops-system' })).findings;
}
