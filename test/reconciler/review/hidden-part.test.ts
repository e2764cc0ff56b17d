import { describe, expect, it } from 'vitest';
import type { DesiredObject } from '../../../reconciler/core/desired/desired.ts';
import { objectId } from '../../../reconciler/core/kube/object.ts';
import type { Finding } from '../../../reconciler/core/spec/finding.ts';
import type { SourceFile } from '../../../reconciler/core/spec/source.ts';
import type { CommitSha } from '../../../reconciler/ports.ts';
import type { Planned } from '../../../reconciler/review/base-and-merge.ts';
import { hiddenPart } from '../../../reconciler/review/hidden-part.ts';
import { aConfigMap } from '../../support/objects.ts';

const content = new TextEncoder().encode('a: 1\n');
const sealedFile: SourceFile = { path: 'apps/login.yaml', content, sealed: [], unopened: true };
const built: SourceFile = {
  path: 'site/kustomization.yaml',
  content,
  unopened: true,
  origin: { file: { path: 'site/login.enc.yaml', content }, builtIn: 'site' },
};

function aSecret(password: string, rest: Partial<DesiredObject> = {}): DesiredObject {
  const metadata = { name: 'login', namespace: 'weka' };
  const object = { apiVersion: 'v1', kind: 'Secret', metadata, data: { password } };
  return { id: objectId(object), object, ...rest } as DesiredObject;
}

const config = aConfigMap('a');
const shown = { id: objectId(config), object: config } as DesiredObject;
const sealed = { sealed: { paths: [['data', 'password']] } } as unknown as Partial<DesiredObject>;

/** What is hidden of a merge, whose base and itself ask for these objects. */
function hidden(
  before: readonly DesiredObject[],
  after: readonly DesiredObject[],
  {
    files = [],
    snapshot = [],
    findings = [],
  }: {
    readonly files?: readonly string[];
    readonly snapshot?: readonly SourceFile[];
    readonly findings?: readonly Partial<Finding>[];
  } = {},
) {
  const planned = (desired: readonly DesiredObject[], found: readonly Partial<Finding>[]) =>
    ({ pass: { desired, assessment: { findings: found } } }) as unknown as Planned;
  const read = { commit: 'b' as CommitSha, author: '', subject: '', files: snapshot, findings: [] };
  const sources = { isFork: true, files, snapshots: [read] };
  return hiddenPart(planned(before, []), planned(after, findings), sources);
}

describe('what is hidden of a fork', () => {
  it('is nothing of what has changed where no Secret has', () => {
    expect(hidden([aSecret('x')], [aSecret('x'), shown], { files: ['a.yaml'] }).isChanged).toBe(false);
  });

  it('is a change where a Secret is added, changed or taken out', () => {
    for (const [before, after] of [
      [[], [aSecret('x')]],
      [[aSecret('x')], [aSecret('y')]],
      [[aSecret('x')], []],
    ] as const) {
      expect(hidden(before, after).isChanged).toBe(true);
    }
  });

  it('is no change that what the base has decrypted stays encrypted in the merge', () => {
    expect(hidden([aSecret('x', sealed)], [], { snapshot: [sealedFile], files: ['a.yaml'] }).isChanged).toBe(
      false,
    );
  });

  it('is a change where an encrypted file is another, of whatever kind it is, or what is built of one', () => {
    const files = (...changed: readonly string[]) => ({ files: changed, snapshot: [sealedFile, built] });
    expect(hidden([], [], files('apps/login.yaml')).isChanged).toBe(true);
    expect(hidden([], [], files('site/login.enc.yaml')).isChanged).toBe(true);
    expect(hidden([], [], files('site/patch.yaml')).isChanged).toBe(true);
    expect(hidden([], [], files('sites/patch.yaml')).isChanged).toBe(false);
  });

  it('is how many errors it brings that are about Secrets, and that nothing is decrypted is none', () => {
    const findings = [
      { level: 'error', rule: 'plain-secret', file: 's.yaml', message: 'It is no secret any more.' },
      { level: 'error', rule: 'not-decrypted', file: 's.yaml', message: 'A Secret stays encrypted.' },
      { level: 'warning', rule: 'plain-secret', file: 't.yaml', message: 'Two of them.' },
      { level: 'error', rule: 'unknown-kind', file: 'b.yaml', message: 'There is no such kind.' },
    ] as const;
    expect(hidden([], [], { findings }).errors).toBe(1);
  });
});
