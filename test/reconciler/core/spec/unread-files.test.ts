import { expect, it } from 'vitest';
import type { Finding } from '../../../../reconciler/core/spec/finding.ts';
import { unreadFiles } from '../../../../reconciler/core/spec/unread-files.ts';

const fault = (file: string, level: Finding['level'] = 'error'): Finding => ({
  file,
  level,
  line: 1,
  column: 1,
  rule: 'file-size',
  message: 'It is too large.',
});

it('names files that have an error and were not read', () => {
  const files = [{ path: 'a.yaml', content: new Uint8Array() }];
  const findings = [
    fault('z.yaml'),
    fault('a.yaml'),
    fault('b.yaml'),
    fault('b.yaml'),
    fault('c.yaml', 'warning'),
  ];
  expect(unreadFiles(files, findings)).toEqual(['b.yaml', 'z.yaml']);
  expect(unreadFiles(files, [])).toEqual([]);
});
