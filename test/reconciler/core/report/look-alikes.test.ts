import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../../../schemas/settings.ts';
import { cli } from '../../../../reconciler/cli.ts';
import type { KubeObject } from '../../../../reconciler/core/kube/object.ts';
import { isWrite, type Outcome } from '../../../../reconciler/core/plan/change.ts';
import { keyedMark } from '../../../../reconciler/core/plan/mark.ts';
import { byId, plan } from '../../../../reconciler/core/plan/plan.ts';
import { proven } from '../../../../reconciler/core/plan/proof.ts';
import type { Program } from '../../../../reconciler/program.ts';
import { Metrics } from '../../../../reconciler/world/server/metrics.ts';
import { anObject, APPLY_SET, applied, aSecret, edited, podSpec, wanted } from '../../../support/objects.ts';
import { readFiles } from '../spec/read.ts';
import { everyRendering } from './every-rendering.ts';
import { aFinding, aReport } from './samples.ts';

/** Marked, so that it cannot stand in a rendering by chance. */
const secret = fc.stringMatching(/^[A-Za-z0-9!%*+.^_~$-]{1,20}$/).map((text) => `S3cr3t${text}S3cr3t`);
const name = fc.constantFrom('password', 'DB_PASSWORD', 'apiKey', 'client-secret', 'AUTH_TOKEN', 'tls.key');

/** An object that holds a secret, as people write them where they should not. */
type Place = (key: string, value: string) => KubeObject;
const places: readonly Place[] = [
  (key, value) => aSecret('held', { [key]: value }),
  (key, value) => anObject('v1/ConfigMap', 'held', { data: { [key]: value } }),
  (key, value) =>
    anObject('v1/ConfigMap', 'held', { data: { 'app.yaml': `db:\n  ${key}: ${value}\n  user: a\n` } }),
  (key, value) =>
    anObject('v1/ConfigMap', 'held', { data: { 'app.ini': `[db]\n${key} = ${value}\nuser = a\n` } }),
  (key, value) =>
    anObject('v1/ConfigMap', 'held', { data: { a: JSON.stringify({ b: [{ [key]: value }] }) } }),
  (_key, value) => anObject('v1/ConfigMap', 'held', { data: { url: `postgres://app:${value}@db:5432/x` } }),
  (_key, value) =>
    anObject('v1/ConfigMap', 'held', {
      data: { pem: `-----BEGIN EC PRIVATE KEY-----\n${value}\n-----END EC PRIVATE KEY-----\n` },
    }),
  (key, value) => anObject('v1/ConfigMap', 'held', { metadata: { annotations: { [`a.io/${key}`]: value } } }),
  (key, value) =>
    anObject('v1/Pod', 'held', { spec: podSpec({ container: { env: [{ name: key, value }] } }) }),
  (key, value) =>
    anObject('v1/Pod', 'held', { spec: podSpec({ container: { args: ['run', `--${key}=${value}`] } }) }),
  (key, value) =>
    anObject('v1/Pod', 'held', { spec: podSpec({ container: { args: ['run', `--${key}`, value] } }) }),
  (_key, value) =>
    anObject('v1/Pod', 'held', {
      spec: podSpec({ container: { command: ['sh', '-c', `curl https://jane:${value}@example.com`] } }),
    }),
  (key, value) => anObject('storage.k8s.io/v1/StorageClass', 'held', { parameters: { [key]: value } }),
];

function reportOf(desired: readonly KubeObject[], live: readonly KubeObject[], key: string, value: string) {
  const settings = DEFAULT_SETTINGS.spec;
  const { changes } = plan({
    desired: desired.map((object) => wanted(object)),
    live: byId(live),
    unread: [],
    broken: new Map(),
    settings,
    applySet: APPLY_SET,
    mark: keyedMark(Buffer.from(key)),
    prune: { settings: settings.prune, alreadyPruned: 0 },
  });
  // The API server quotes what it is given, and nothing else.
  const quoted = (id: string) => (id.endsWith('/held') ? value : 'nothing');
  const whyOf = (id: string) =>
    `admission webhook "x" denied the request: Invalid value: "${quoted(id)}": ${quoted(id)} is weak`;
  const hintOf = (id: string) => `Use no ${quoted(id)}.`;
  const tried = changes.map((change) => {
    if (!isWrite(change) || change.op === 'prune') return change;
    const stored = { ...change.desired, extra: { [key]: value } };
    return proven(change, { result: 'accepted', object: stored }, new Set());
  });
  const refused = changes.flatMap((change) =>
    isWrite(change) && change.op !== 'prune'
      ? [
          proven(
            change,
            { result: 'rejected', code: 'API_INVALID', why: whyOf(change.id), hint: hintOf(change.id) },
            new Set(),
          ),
        ]
      : [],
  );
  const outcomes = changes.filter(isWrite).map((change): Outcome => ({
    change,
    result: 'failed',
    code: 'API_INVALID',
    why: whyOf(change.id),
    hint: hintOf(change.id),
  }));
  return aReport({
    changes: [...tried, ...refused],
    outcomes,
    findings: [aFinding({ message: `${key}="${value}" is odd.`, excerpt: `  ${key}: ${value}\n  ^` })],
    subject: `Set ${key}=${value}`,
  });
}

describe('what looks like a secret', () => {
  it('is in no rendering and no metric, wherever in an object it stands, whether it comes, goes, changes or drifts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), name, secret, secret, async (place, key, one, two) => {
        const old = applied(place(key, one));
        const drifted = edited('kubectl-edit', old, place(key, two));
        const reports = [
          reportOf([place(key, one)], [], key, one),
          reportOf([place(key, two)], [old], key, two),
          reportOf([place(key, one)], [drifted], key, one),
          reportOf([anObject('v1/ConfigMap', 'other', { data: { a: 'b' } })], [old], key, one),
        ];
        for (const report of reports) {
          const told = everyRendering(report);
          expect(told).not.toContain('S3cr3t');
          expect(told).not.toContain(Buffer.from('S3cr3t').toString('base64').slice(0, 8));
          const metrics = new Metrics({ version: '1' });
          metrics.observePass(report, 1);
          expect(await metrics.registry.metrics()).not.toContain('S3cr3t');
        }
      }),
      { numRuns: 150 },
    );
  });

  it('is seen to be the same, or another, by its mark', () => {
    const told = everyRendering(
      reportOf(
        [anObject('v1/ConfigMap', 'held', { data: { password: 'two', token: 'one' } })],
        [applied(anObject('v1/ConfigMap', 'held', { data: { password: 'one' } }))],
        'x',
        'unused',
      ),
    );
    const mark = keyedMark(Buffer.from('x'));
    expect(told).toContain(`data.password  ${mark('one')} → ${mark('two')}`);
    expect(told).toContain(`data.token  (none) → ${mark('one')}`);
  });

  it('is in no finding, even where its own form is the fault', () => {
    const metadata = 'metadata: { name: a, namespace: weka }';
    const { findings } = readFiles({
      'map.yaml': `apiVersion: v1\nkind: ConfigMap\n${metadata}\ndata:\n  password: 7734577345\n`,
      'web.yaml': [
        `apiVersion: apps/v1\nkind: Deployment\n${metadata}`,
        'spec:\n  selector: { matchLabels: { a: b } }\n  template:\n    metadata: { labels: { a: b } }\n    spec:',
        '      containers:\n        - name: main\n          image: busybox:1\n          env:',
        '            - name: DB_PASSWORD\n              value: 7734577345',
        '            - { name: PORT, value: 8080 }\n',
      ].join('\n'),
      'broken.yaml': 'password: 7734577345: x\n',
    });
    const told = everyRendering(aReport({ findings }));
    expect(findings.length).toBeGreaterThanOrEqual(4);
    expect(told).not.toContain('7734577345');
    expect(told).toContain('8080');
  });

  it('is in no line of the log', async () => {
    const log = fileURLToPath(new URL('../../../../reconciler/log.ts', import.meta.url));
    const script = `
      const { openLog } = await import(${JSON.stringify(log)});
      const log = await openLog({ terminal: false, level: 'debug' });
      log.warn({ why: 'fatal: https://jane:S3cr3t@example.com/x?token=S3cr3t', hint: 'use --password=S3cr3t' }, 'Failed');
      log.info({ token: 'S3cr3t', nested: { password: 'S3cr3t' } }, 'Done');`;
    const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    expect(stderr).toContain('https://jane:(hidden)@example.com');
    expect(stderr).not.toContain('S3cr3t');
  });

  it('is in no error that a command ends with', async () => {
    let said = '';
    const program = {
      version: '1',
      console: { complain: (text: string) => (said += text) },
      get config(): never {
        throw new Error('Cannot reach https://jane:S3cr3t@example.com');
      },
    };
    const fails = new Proxy(program, {
      get: (target, key) => (key in target ? (Reflect.get(target, key) as unknown) : () => program.config),
    }) as unknown as Program;
    expect(await cli(['plan'], fails)).toBe(2);
    expect(await cli(['plan', '--password=S3cr3t'], fails)).toBe(2);
    expect(said).toContain('https://jane:(hidden)@example.com');
    expect(said).not.toContain('S3cr3t');
  });
});
