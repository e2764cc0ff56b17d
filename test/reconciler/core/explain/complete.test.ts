import { describe, expect, it } from 'vitest';
import { saysObject, withCommit } from '../../../../reconciler/core/explain/complete.ts';
import type { ObjectId } from '../../../../reconciler/core/kube/object.ts';
import type { CommitSha } from '../../../../reconciler/ports.ts';
import { configMap, wekaContainer } from '../../../support/manifests.ts';

describe('a line', () => {
  const line = { what: 'the manifest', file: 'a.yaml', line: 1 };

  it('is told with its commit, as not committed, or with why neither is known', () => {
    const commit = { sha: 'a' as CommitSha, author: 'Ada', date: new Date(0), subject: 'Begin' };
    expect(withCommit(line, { found: 'commit', commit, file: 'b.yaml', line: 2 })).toEqual({
      ...line,
      commit: { sha: 'a', author: 'Ada', date: '1970-01-01T00:00:00.000Z', subject: 'Begin' },
    });
    expect(withCommit(line, { found: 'uncommitted' })).toEqual({ ...line, uncommitted: true });
    expect(withCommit(line, { found: 'older', why: 'not changed' })).toEqual({
      ...line,
      older: 'not changed',
    });
    expect(withCommit(line, undefined)).toBe(line);
  });
});

describe('a file', () => {
  it('asks for what it describes, and for what that is built into, even with an error', () => {
    const ceilings = { kinds: [], systemNamespace: 'system' };
    const says = (id: string, text: string) =>
      saysObject(id as ObjectId, ceilings, { applySet: 'set', image: 'ours' })({
        path: 'a.yaml',
        content: Buffer.from(text),
      });
    expect(says('v1/ConfigMap/weka/a', configMap('weka', 'a'))).toBe(true);
    expect(says('v1/ConfigMap/weka/b', configMap('weka', 'a'))).toBe(false);
    expect(says('v1/ConfigMap/weka/a', configMap('weka', 'a').replace('"data"', '"dtaa"'))).toBe(true);
    expect(says('v1/Pod/weka/dist', wekaContainer('weka', 'dist'))).toBe(true);
    expect(says('v1/ConfigMap/weka/weka-wekacontainer-dist', wekaContainer('weka', 'dist'))).toBe(true);
    expect(says('v1/ConfigMap/weka/a', 'name: a\n: [')).toBe(false);
  });
});
