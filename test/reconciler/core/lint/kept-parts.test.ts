import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lint } from '../../../../reconciler/core/lint/lint.ts';
import { KnownFiles } from '../../../../reconciler/core/spec/known-files.ts';
import { type FileSpecs, parseSpecs } from '../../../../reconciler/core/spec/parse.ts';
import type { SourceFile } from '../../../../reconciler/core/spec/source.ts';
import type { ParsedSpecs } from '../../../../reconciler/core/spec/spec.ts';

const CEILINGS = { kinds: [], systemNamespace: 'weka-gitops-system' };
const IMAGE = 'quay.io/weka.io/weka-in-container:4.4.10';
const WEKA = 'apiVersion: weka.weka.io/v1alpha1';

const name = fc.constantFrom('one', 'two', 'three');
const meta = fc
  .record({
    name,
    namespace: fc.constantFrom('weka', 'wkea'),
    annotations: fc.constantFrom(
      {},
      { 'weka-gitops.dev/ignore-rule': 'missing-secret: made by hand' },
      { 'weka-gitops.dev/corn': '0 2 * * *' },
    ),
  })
  .map((metadata) => JSON.stringify(metadata));
const nodes = fc.constantFrom({}, { hall: 'a' }, { hall: 'b' }, { hall: 'a', rack: 'c' });

const manifest = fc.oneof(
  fc
    .tuple(meta, nodes, fc.constantFrom(36_000, 36_400, 37_000), fc.constantFrom(16, 20), name)
    .map(([metadata, nodeSelector, basePort, stripeWidth, imagePullSecret]) => {
      const ports = { basePort, portRange: 500 };
      const spec = { image: IMAGE, nodeSelector, ports, stripeWidth, imagePullSecret };
      return `${WEKA}\nkind: WekaCluster\nmetadata: ${metadata}\nspec: ${JSON.stringify(spec)}\n`;
    }),
  fc
    .tuple(meta, nodes, fc.constantFrom(0, 36_100, 40_000), name, name)
    .map(([metadata, nodeSelector, port, target, service]) => {
      const targetCluster = { name: target, namespace: 'weka' };
      const driversDistService = `https://${service}.weka.svc:60002`;
      const spec = { image: IMAGE, nodeSelector, port, targetCluster, driversDistService };
      return `${WEKA}\nkind: WekaClient\nmetadata: ${metadata}\nspec: ${JSON.stringify(spec)}\n`;
    }),
  fc
    .tuple(meta, nodes, fc.boolean(), fc.constantFrom('all-not-root', 'aws-all'))
    .map(([metadata, nodeSelector, shared, type]) => {
      const payload = { signDrivesPayload: { type, shared, nodeSelector } };
      const spec = { type: 'sign-drives', image: IMAGE, payload };
      return `${WEKA}\nkind: WekaPolicy\nmetadata: ${metadata}\nspec: ${JSON.stringify(spec)}\n`;
    }),
  fc
    .tuple(meta, name, fc.constantFrom('drivers-dist', 'drivers-builder'))
    .map(([metadata, uploadResultsTo, mode]) => {
      const spec = { mode, image: IMAGE, ...(mode === 'drivers-builder' ? { uploadResultsTo } : {}) };
      return `${WEKA}\nkind: WekaContainer\nmetadata: ${metadata}\nspec: ${JSON.stringify(spec)}\n`;
    }),
  fc.tuple(meta, name, name).map(
    ([metadata, secretName, claimName]) =>
      `apiVersion: apps/v1\nkind: Deployment\nmetadata: ${metadata}\nspec: ${JSON.stringify({
        selector: { matchLabels: { app: 'main' } },
        template: {
          metadata: { labels: { app: 'main' } },
          spec: {
            containers: [{ name: 'main', image: 'registry.example.com/main:1' }],
            volumes: [
              { name: 'secret', secret: { secretName } },
              { name: 'claim', persistentVolumeClaim: { claimName } },
            ],
          },
        },
      })}\n`,
  ),
  fc
    .tuple(meta, fc.constantFrom('', 'c2VjcmV0'))
    .map(
      ([metadata, value]) =>
        `apiVersion: v1\nkind: Secret\nmetadata: ${metadata}\ndata: { token: "${value}" }\n`,
    ),
  meta.map(
    (metadata) =>
      `apiVersion: v1\nkind: Service\nmetadata: ${metadata}\nspec: { selector: { app: weka }, ports: [{ port: 60001 }] }\n`,
  ),
  fc.constant('apiVersion: v1\nkind: Namespace\nmetadata: { name: weka }\n'),
  meta.map((metadata) => `${WEKA}\nkind: WekaCluster\nmetadata: ${metadata}\nspec: { image: 5 }\n`),
);

const text = fc.array(manifest, { maxLength: 3 }).map((all) => all.join('---\n'));

describe('checking a repository again after an edit', () => {
  it('says what checking it for the first time says', () => {
    const rules = new Set<string>();
    const edits = fc.array(fc.tuple(fc.nat(5), text), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(text, { minLength: 6, maxLength: 6 }), edits, (texts, changes) => {
        const known = new KnownFiles<FileSpecs>();
        const files = texts.map((each, index) => fileOf(index, each));
        lint(parseSpecs(files, CEILINGS, known));
        for (const [index, edited] of changes) {
          files[index] = fileOf(index, edited);
          const again = lint(parseSpecs(files, CEILINGS, known));
          expect(said(again)).toEqual(said(lint(parseSpecs(files, CEILINGS))));
          for (const { rule } of again.findings) rules.add(rule);
        }
      }),
      { numRuns: 25 },
    );
    // What finds nothing would agree with anything.
    for (const rule of WITH_PARTS) expect(rules).toContain(rule);
  }, 60_000);
});

const WITH_PARTS = [
  'client-cluster-nodes',
  'clients-share-nodes',
  'drivers-service',
  'drives-signed-twice',
  'missing-claim',
  'missing-secret',
  'namespace-near-miss',
  'plain-secret',
  'port-collision',
  'target-cluster',
  'unknown-annotation',
];

/** The content's own name, as git would give it. */
function fileOf(index: number, content: string): SourceFile {
  return { path: `${index}.yaml`, content: new TextEncoder().encode(content), oid: content };
}

function said({ specs, findings, broken, silenced }: ParsedSpecs) {
  return { specs: specs.map(({ id, source }) => `${id} ${source}`), findings, broken, silenced };
}
