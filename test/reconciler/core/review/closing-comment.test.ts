import { describe, expect, it } from 'vitest';
import type { CommitSha } from '../../../../reconciler/ports.ts';
import { closingComment } from '../../../../reconciler/core/review/closing-comment.ts';
import { readMarker } from '../../../../reconciler/core/review/marker.ts';
import { reportOutput } from '../../../../reconciler/core/report/json.ts';
import type { Report } from '../../../../reconciler/core/report/report.ts';
import { aChange, aFullReport, aReport, done, health, READY } from '../report/samples.ts';
import { PAGES } from './frames.ts';
import { liveComment, withoutMarker } from './live-comment.ts';

const FRAME = { repository: 'storage/weka', pages: PAGES, limit: 65_536, approvals: 0 };
const COMMIT = '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d' as CommitSha;
const create = aChange('create', 'v1/ConfigMap/weka/a', { source: 'weka/a.yaml:1' });
const well: Partial<Report> = {
  changes: [create],
  outcomes: [done(create)],
  health: health({ 'v1/ConfigMap/weka/a': READY }),
};

describe('closingComment', () => {
  it('says the same of the same pass, whenever it was made', () => {
    const at = (time: string) =>
      closingComment(reportOutput({ ...aReport(well), finishedAt: new Date(time) }), FRAME);
    const [first, second] = [at('2026-11-25T18:04:12Z'), at('2026-11-26T07:30:00Z')];
    expect(second.text).toContain('2026-11-26 07:30:00 UTC');
    expect(second.marker).toEqual(first.marker);
  });

  it('says what was applied, and how it does', () => {
    const { text, marker } = closingComment(reportOutput(aReport(well)), {
      ...FRAME,
      statusUrl: 'https://forge.example/storage/weka/src/branch/status',
    });
    expect(withoutMarker(text)).toBe(`### production: applied and healthy

**1 created**

Health of 1 object: 1 ready.

#### Created (1)

|  | Object | Manifest |
| --- | --- | --- |
| \`+\` | \`v1/ConfigMap/weka/a\` | [\`weka/a.yaml:1\`](https://forge.example/storage/weka/src/commit/${COMMIT}/weka/a.yaml#L1) |

All that \`main@1a2b3c4\` asks for is done.

[\`1a2b3c4\`](https://forge.example/storage/weka/commit/${COMMIT}), applied 2026-11-25 18:04:12 UTC. 5 objects in 3 files. Plan \`sha256:${'5eed'.repeat(16)}\`. [\`Status\`](https://forge.example/storage/weka/src/branch/status) of the cluster.
`);
    expect(readMarker(text)).toEqual(marker);
    expect(marker).toMatchObject({ kind: 'closing', commit: COMMIT, cluster: 'production' });
  });

  it('tells failures with their hints, and what is not ready', async () => {
    const { text } = closingComment(reportOutput(aFullReport()), FRAME);
    const headings = text.split('\n').filter((line) => line.startsWith('#'));
    expect(headings.slice(0, 3)).toEqual([
      '### production: not all is as it should be',
      '#### Errors (1)',
      '#### Failed (1)',
    ]);
    expect(text).toContain('1 failed: Namespace weka: not allowed to create namespaces');
    expect(text).toContain('Hint: Give the reconciler the right to create namespaces.');
    expect(text).toContain('#### Not ready (2)');
    expect(await liveComment(text)).toEqual([]);
  });

  it('never has more characters than the forge takes', async () => {
    const changes = Array.from({ length: 3000 }, (_, n) => aChange('create', `v1/ConfigMap/weka/name-${n}`));
    const report = reportOutput(aReport({ changes, outcomes: changes.map(done) }));
    for (const limit of [1500, 5000, 65_536]) {
      const { text } = closingComment(report, { ...FRAME, limit });
      expect(text.length).toBeLessThanOrEqual(limit);
      expect(await liveComment(text)).toEqual([]);
    }
  });
});
