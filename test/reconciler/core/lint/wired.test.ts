import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { prepare } from '../../../../reconciler/assess.ts';
import type { CommitSha } from '../../../../reconciler/ports.ts';
import { runCli } from '../../../support/installation.ts';

const CLUSTER = `apiVersion: weka.weka.io/v1alpha1
kind: WekaCluster
metadata: { name: demo, namespace: weka }
spec:
  image: quay.io/weka.io/weka-in-container:4.4.10
  stripeWidth: 5
  redundancyLevel: 4
  dynamicTemplate: { computeContainers: 6, driveContainers: 6 }
`;
const EXEMPT = CLUSTER.replace(
  'namespace: weka }',
  'namespace: weka, annotations: { weka-gitops.dev/ignore-rule: "hot-spare-zero: a trial" } }',
);

async function validated(text: string): Promise<Awaited<ReturnType<typeof runCli>>> {
  const folder = await mkdtemp(join(tmpdir(), 'lint-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'cluster.yaml'), text);
  return await runCli(['validate', folder]);
}

describe('rules over specs', () => {
  it('are what validate checks, with the line under a caret', async () => {
    const { exitCode, stdout } = await validated(CLUSTER);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('5 + 4 + 0 = 9 failure domains');
    expect(stdout).toMatch(/6 \|   stripeWidth: 5\n +\| +\^\n/);
    expect(stdout).toMatch(/^Summary: 1 object in 1 file: 1 error, 1 warning, 1 ignored field\.$/m);
  });

  it('are counted where an annotation silences them', async () => {
    const { stdout } = await validated(EXEMPT);
    expect(stdout).not.toContain('hot-spare-zero]');
    expect(stdout).toMatch(/: 1 error, 1 ignored field, 1 finding silenced by annotation\.$/m);
  });

  it('are what a pass checks', () => {
    const snapshot = {
      commit: 'a'.repeat(40) as CommitSha,
      author: 'Ada',
      subject: 'Add a cluster',
      files: [{ path: 'cluster.yaml', content: new TextEncoder().encode(CLUSTER) }],
      findings: [],
    };
    const { specs } = prepare(snapshot, {
      cluster: 'c',
      ref: 'main',
      version: '0',
      ceilings: { kinds: [] },
      installation: { name: 'weka-gitops', namespace: 'weka-gitops-system', image: 'weka-gitops:0' },
    });
    expect(specs.specs).toEqual([]);
    expect(specs.broken.map(({ id }) => id)).toEqual(['weka.weka.io/v1alpha1/WekaCluster/weka/demo']);
    expect(specs.findings.map(({ rule }) => rule)).toContain('protection-fits');
  });
});
