import { describe, expect, it } from 'vitest';
import { sharedCluster } from '../cluster/shared.ts';
import { anInstallation } from '../support/installation.ts';

const cluster = await sharedCluster();

const FIRST = 'correct-horse-battery';
const SECOND = 'staple-and-paperclip';

/** A Secret in plain text, and a pod that mounts it; the pod stands first in the file. */
function manifests(namespace: string, password: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: app, namespace: ${namespace} }
spec:
  selector: { matchLabels: { app: app } }
  template:
    metadata: { labels: { app: app } }
    spec:
      containers: [{ name: app, image: 'example.com/app:1' }]
      volumes: [{ name: login, secret: { secretName: login } }]
---
apiVersion: v1
kind: Secret
metadata:
  name: login
  namespace: ${namespace}
  annotations: { weka-gitops.dev/ignore-rule: 'plain-secret: its value is watched in every output' }
stringData: { password: ${password} }
`;
}

describe('a Secret', () => {
  it('is made before the pod that mounts it, and its value is in nothing that is told', async () => {
    const { repository, namespace, run, json, statusRef } = await anInstallation(cluster);
    await repository.commit({ 'app.yaml': manifests(namespace, FIRST) });
    const { outcomes } = await json('reconcile');
    expect(outcomes.map(({ target, result }) => `${target} ${result}`)).toEqual([
      `v1/Secret/${namespace}/login done`,
      `apps/v1/Deployment/${namespace}/app done`,
    ]);

    await repository.commit({ 'app.yaml': manifests(namespace, SECOND) });
    const told: string[] = [];
    for (const output of ['text', 'json', 'markdown']) {
      for (const verb of ['plan', 'status']) {
        const { stdout, stderr } = await run(verb, '--output', output);
        told.push(stdout, stderr);
      }
    }
    expect(told[0]).toMatch(/\(hidden #[0-9a-f]{8}\) → \(hidden #/);
    // One that the server refuses, whose answer quotes what it was sent.
    await repository.commit({
      'app.yaml': manifests(namespace, SECOND).replace('password:', "'pass word':"),
    });
    const refused = await run('reconcile');
    told.push(refused.stdout, refused.stderr);
    await repository.commit({ 'app.yaml': manifests(namespace, SECOND).replace('stringData', 'stringDate') });
    const broken = await run('reconcile');
    told.push(broken.stdout, broken.stderr);
    expect(broken.stdout).toContain('stringDate');
    for (const commit of (await repository.git(['rev-list', statusRef])).split('\n')) {
      told.push(await repository.git(['show', '--format=%B', commit]));
    }

    for (const value of [FIRST, SECOND]) {
      for (const secret of [value, Buffer.from(value).toString('base64')]) {
        expect(told.filter((text) => text.includes(secret))).toEqual([]);
      }
    }
  });
});
