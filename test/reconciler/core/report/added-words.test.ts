import { describe, expect, it } from 'vitest';
import type { Change, FieldChange } from '../../../../reconciler/core/plan/change.ts';
import type { ObjectId } from '../../../../reconciler/core/kube/object.ts';
import { planOutput } from '../../../../reconciler/core/report/json.ts';
import { planMarkdown } from '../../../../reconciler/core/report/markdown.ts';
import { planText } from '../../../../reconciler/core/report/terminal.ts';
import { aChange, anAssessment } from './samples.ts';

const ID = 'apps/v1/Deployment/weka/web';

const texts = (change: Change) => {
  const output = planOutput(anAssessment({ changes: [change] }));
  return {
    text: planText(output, { colour: false, width: 100 }),
    coloured: planText(output, { colour: true, width: 100 }),
    markdown: planMarkdown(output),
    json: output.changes[0],
  };
};

describe('what the API server would add', () => {
  const adds: FieldChange[] = [
    { path: 'spec.priority', to: 1000 },
    { path: 'spec.containers[name=main].image', from: 'busybox:1', to: 'mirror/busybox:1' },
    { path: 'metadata.annotations.note', to: 'a\u001b[31m' },
  ];
  const told = texts({ ...aChange('create', ID), adds, defaults: 14 });

  it('is told below the change, apart from what is asked for', () => {
    expect(told.text).toContain(
      [
        '      The server adds 2 fields, changes 1 field that is asked for, fills in 14 defaults.',
        '        + spec.priority: 1000',
        '        + spec.containers[name=main].image: busybox:1 → mirror/busybox:1',
        '        + metadata.annotations.note: "a\\u001b[31m"',
        '',
      ].join('\n'),
    );
    expect(told.coloured).toContain('\u001b[2m  + spec.priority: 1000');
  });

  it('is folded in Markdown, and whole in JSON', () => {
    expect(told.markdown).toContain('The server adds 2 fields, changes 1 field that is asked for');
    expect(told.markdown).toContain('<summary>Set by the server in 1 object</summary>');
    expect(told.markdown).toContain('+ spec.priority: 1000\n');
    expect(told.json).toMatchObject({ adds, defaults: 14 });
  });

  it('is not worth a word where it is nothing but defaults', () => {
    const plain = texts({ ...aChange('create', ID), defaults: 14 });
    expect(plain.text).not.toContain('The server');
    expect(plain.markdown).not.toContain('The server');
    expect(plain.json).toMatchObject({ defaults: 14 });
  });
});

describe('a changed field', () => {
  const field = (rest: Partial<FieldChange>) => {
    const fields = [{ path: 'spec.replicas', from: 5, to: 2, ...rest }];
    return texts(aChange('update', ID, { fields }));
  };

  it('is told with whoever set it by hand, and when', () => {
    const told = field({
      manager: 'kubectl-edit',
      by: 'by hand: kubectl edit',
      at: '2026-11-25T18:04:12Z',
    });
    const note = '(set by hand: kubectl edit, 2026-11-25 18:04:12 UTC)';
    expect(told.text).toContain(`spec.replicas  5 → 2  ${note}`);
    expect(told.markdown).toContain(`\`5\` → \`2\` ${note}`);
    expect(told.json?.fields[0]).toMatchObject({ by: 'by hand: kubectl edit', at: '2026-11-25T18:04:12Z' });
  });

  it('is told as a list in another order where it is nothing else', () => {
    const told = field({ path: 'spec.args', from: ['a', 'b'], to: ['b', 'a'], reordered: true });
    expect(told.text).toContain('spec.args  ["a","b"] → ["b","a"]  (only the order changes)');
    expect(told.json?.fields[0]).toMatchObject({ reordered: true });
  });
});

describe('an object under another name', () => {
  it('is told with the other name', () => {
    const created = texts({
      ...aChange('create', ID),
      renamedFrom: 'apps/v1/Deployment/weka/old' as ObjectId,
    });
    expect(created.text).toContain('renamed from old');
    expect(created.markdown).toContain('renamed from old');
    expect(created.json?.renamedFrom).toBe('apps/v1/Deployment/weka/old');
    const pruned = texts({ ...aChange('prune', ID), renamedTo: 'apps/v1/Deployment/weka/new' as ObjectId });
    expect(pruned.text).toContain('renamed to new');
  });
});
