import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const TESTS = join(import.meta.dirname, '..');

/** What somebody has in hand who may do everything. */
const POWER = /\badminKubeconfig\b|\bsystem:masters\b|\bcluster-admin\b/;

/** Files that have it, and what for. None of them gives it to a program of ours, whose rights are those that are installed. */
const REASONS: Readonly<Record<string, string>> = {
  'bench/peers/flux.ts': 'Flux is measured beside us, under the rights that it asks for.',
  'demo/demo.ts': 'Whoever keeps the demo plays with kubectl.',
  'guest/node/installation.test.ts': 'Whoever installs us may everything.',
  'guest/node/kubelet-gate.ts': 'The API server of a node reaches its kubelet.',
  'reconciler/core/placement/scheduler/proof-plane.ts':
    'The real scheduler is asked, and no program of ours is there.',
  'reconciler/install/an-install.ts': 'Whoever installs us may everything.',
  'reconciler/install/node-agent.test.ts':
    'The policies hold even for an agent whose account was given everything.',
};

/** Parts of the control plane themselves. */
const isOfControlPlane = (path: string) => path.startsWith('cluster/');

async function powerful(): Promise<readonly string[]> {
  const entries = await readdir(TESTS, { recursive: true });
  const paths = entries.filter((path) => path.endsWith('.ts')).map((path) => path.replaceAll(sep, '/'));
  const texts = await Promise.all(paths.map((path) => readFile(join(TESTS, path), 'utf8')));
  return paths.filter((path, index) => !isOfControlPlane(path) && POWER.test(texts[index]!)).toSorted();
}

describe('the rights of an admin', () => {
  it('are in the hands of no file of the tests but those that say why', async () => {
    expect(await powerful()).toEqual(Object.keys(REASONS).toSorted());
  });
});
