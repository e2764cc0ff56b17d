import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { buildDesired } from '../../../../reconciler/core/desired/build.ts';
import type { KubeObject, ObjectId } from '../../../../reconciler/core/kube/object.ts';
import { lint } from '../../../../reconciler/core/lint/lint.ts';
import { planDigest } from '../../../../reconciler/core/plan/digest.ts';
import { byId, plan } from '../../../../reconciler/core/plan/plan.ts';
import type { Outcome } from '../../../../reconciler/core/plan/change.ts';
import { planHtml, reportHtml, statusHtml } from '../../../../reconciler/core/report/html.ts';
import {
  findingsOutput,
  jsonText,
  planOutput,
  reportOutput,
  statusOutput,
} from '../../../../reconciler/core/report/json.ts';
import {
  findingsMarkdown,
  planMarkdown,
  reportMarkdown,
  statusMarkdown,
} from '../../../../reconciler/core/report/markdown.ts';
import { findingsAnnotations } from '../../../../reconciler/core/report/annotations.ts';
import { findingsSarif } from '../../../../reconciler/core/report/sarif.ts';
import { statusCommit } from '../../../../reconciler/core/report/status-page.ts';
import {
  findingsText,
  planText,
  reportText,
  statusText,
} from '../../../../reconciler/core/report/terminal.ts';
import { parseSpecs } from '../../../../reconciler/core/spec/parse.ts';
import type { SourceFile, ValuePath } from '../../../../reconciler/core/spec/source.ts';
import { APPLY_SET, applied } from '../../../support/objects.ts';
import { aReport } from '../../core/report/samples.ts';

const STYLE = { colour: false, width: 80 };
const CEILINGS = { kinds: [], systemNamespace: 'weka-gitops-system' };
/** In no word of ours, in whatever a value is written. */
const MARK = 'Zq9Xw7';

type Json = Readonly<Record<string, unknown>>;

/** Manifests that hold a value somewhere, rightly or wrongly. */
const places: readonly (readonly [ValuePath, (value: unknown) => Json])[] = [
  [['data', 'key'], (value) => of('v1', 'ConfigMap', { data: { key: value, other: 'plain' } })],
  [
    ['data', 'key'],
    (value) =>
      of('v1', 'Secret', { type: 'Opaque', data: { key: Buffer.from(String(value)).toString('base64') } }),
  ],
  [['stringData', 'key'], (value) => of('v1', 'Secret', { stringData: { key: value } })],
  [['metadata', 'labels', 'key'], (value) => of('v1', 'ConfigMap', {}, { labels: { key: value } })],
  [
    ['metadata', 'annotations', 'a'],
    (value) => of('v1', 'ServiceAccount', {}, { annotations: { a: value } }),
  ],
  [
    ['spec', 'replicas'],
    (value) => of('apps/v1', 'Deployment', { spec: { ...workload('x'), replicas: value } }),
  ],
  [
    ['spec', 'template', 'spec', 'containers', 0, 'env', 0, 'value'],
    (value) => of('apps/v1', 'Deployment', { spec: workload(value) }),
  ],
  [
    ['spec', 'image'],
    (value) => of('weka.weka.io/v1alpha1', 'WekaContainer', { spec: { mode: 'drivers-dist', image: value } }),
  ],
  [
    ['spec', 'nodeSelector', 'a'],
    (value) =>
      of('weka.weka.io/v1alpha1', 'WekaContainer', {
        spec: {
          mode: 'drivers-dist',
          image: 'quay.io/weka.io/weka-in-container:4.4.10',
          nodeSelector: { a: value },
        },
      }),
  ],
  [['spec', 'mode'], (value) => of('weka.weka.io/v1alpha1', 'WekaContainer', { spec: { mode: value } })],
  [['spec', 'image'], (value) => of('weka.weka.io/v1alpha1', 'WekaCluster', { spec: { image: value } })],
  [
    ['spec', 'prune', 'enabled'],
    (value) => ({
      apiVersion: 'weka-gitops.dev/v1',
      kind: 'Settings',
      metadata: { name: 'a' },
      spec: { prune: { enabled: value } },
    }),
  ],
];

function of(apiVersion: string, kind: string, rest: Json, metadata: Json = {}): Json {
  return { apiVersion, kind, metadata: { name: 'a', namespace: 'weka', ...metadata }, ...rest };
}

function workload(value: unknown): Json {
  return {
    selector: { matchLabels: { app: 'a' } },
    template: {
      metadata: { labels: { app: 'a' } },
      spec: { containers: [{ name: 'main', image: 'a:1', env: [{ name: 'KEY', value }] }] },
    },
  };
}

/** A value of the repository, and the one that it replaces in the cluster. */
const values = fc
  .tuple(
    fc.constantFrom('', ' ', '\n', '"', '\\', ': ', 'é', '🔑', '\u0085', '<b>', '|'),
    fc.string({ maxLength: 30, unit: 'binary' }),
    fc.boolean(),
  )
  .map(([between, rest, wellFormed]) =>
    wellFormed ? `${MARK}-v` : `${MARK}${between}${rest.toWellFormed()}`,
  );

/** All that is told of files before anything is written, and after the API server refused all of it. */
function everything(
  file: SourceFile,
  old: (object: KubeObject) => KubeObject,
  { quoted = true } = {},
): string {
  const specs = lint(parseSpecs([file], CEILINGS));
  const {
    objects,
    findings: collisions,
    broken,
  } = buildDesired(specs, { applySet: APPLY_SET, image: 'i:1' });
  const findings = [...specs.findings, ...collisions];
  const told = [undefined, (object: KubeObject) => applied(old(object))].flatMap((live) => {
    const { changes } = plan({
      // What may not be changed yet tells of its fields just so.
      desired: objects,
      live: live === undefined ? new Map() : byId(objects.map(({ object }) => live(object))),
      unread: [],
      broken,
      settings: specs.settings.spec,
      applySet: APPLY_SET,
      prune: { settings: specs.settings.spec.prune, alreadyPruned: 0 },
    });
    const outcomes = changes.flatMap((change): Outcome[] => {
      if (!('desired' in change)) return [];
      const words = quoted ? JSON.stringify(change.desired) : 'It is wrong';
      return [{ change, result: 'failed', code: 'API', why: `Invalid: ${words}`, hint: words }];
    });
    const { sealedTexts } = specs;
    const report = aReport({ changes, outcomes, findings, sealedTexts });
    const shown = [planOutput(report), reportOutput(report), statusOutput(report, new Date(0))] as const;
    const commit = statusCommit(report, [], { now: new Date(0), history: 3 });
    return [
      ...shown.map(jsonText),
      planText(shown[0], STYLE),
      reportText(shown[1], STYLE),
      statusText(shown[2], STYLE),
      planMarkdown(shown[0]),
      reportMarkdown(shown[1]),
      statusMarkdown(shown[2]),
      planHtml(shown[0]),
      reportHtml(shown[1]),
      statusHtml(shown[2]),
      commit?.message ?? '',
      ...(commit?.files ?? []).map(({ text }) => text),
    ];
  });
  const checked = findingsOutput(findings, { files: 1, documents: 1 });
  return [
    ...told,
    jsonText(checked),
    findingsText(checked, STYLE),
    findingsMarkdown(checked),
    findingsSarif(checked, '1'),
    findingsAnnotations(checked),
  ].join('\n');
}

const fileOf = (manifest: Json, path: ValuePath): SourceFile => ({
  path: 'a.yaml',
  // As a decrypted value is written.
  content: Buffer.from(
    stringify(manifest, {
      defaultStringType: 'QUOTE_DOUBLE',
      defaultKeyType: 'PLAIN',
      lineWidth: 0,
      doubleQuotedMinMultiLineLength: 1e9,
    }),
  ),
  sealed: [{ document: 0, path }],
});

const traces = [
  MARK,
  ...[0, 1, 2].map((shift) =>
    Buffer.from(`${'x'.repeat(shift)}${MARK}`)
      .toString('base64')
      .slice(shift === 0 ? 0 : shift + 1, 8),
  ),
];

describe('a value that stands encrypted in the repository', () => {
  it.each(places)('at %j is in nothing that is told', (path, manifest) => {
    fc.assert(
      fc.property(values, (value) => {
        const before = (object: KubeObject) => replaced(object, MARK, `${MARK}before`) as KubeObject;
        const told = everything(fileOf(manifest(value), path), before);
        for (const trace of traces) expect(told).not.toContain(trace);
      }),
      { numRuns: 40 },
    );
  });

  it('is hidden at its own place however short it is', () => {
    const manifest = of('v1', 'ConfigMap', { data: { key: '¤' } }, { labels: { a: '¤¥' } });
    const file = {
      ...fileOf(manifest, ['data', 'key']),
      sealed: [
        ['data', 'key'],
        ['metadata', 'labels', 'a'],
      ].map((path) => ({ document: 0, path })),
    };
    const told = everything(file, (object) => replaced(object, '¤', '¦') as KubeObject);
    expect(told).not.toMatch(/[¤¥¦]/);
    expect(told).toContain('The value of metadata.labels.a is not valid');
  });

  it('is hidden at its own place in a plan however short it is', () => {
    const file = fileOf(of('v1', 'ConfigMap', { data: { key: '¤' } }), ['data', 'key']);
    // So short a text would hide half of what the server says, which is told as it is.
    const old = (object: KubeObject) => replaced(object, '¤', '¦') as KubeObject;
    const told = everything(file, old, { quoted: false });
    expect(told).not.toMatch(/[¤¦]/);
    expect(told).toContain('(hidden)');
  });

  it('is hidden in whatever others say of it, but not in names', () => {
    const report = aReport({
      sealedTexts: ['weka', '4711'],
      changes: [
        {
          op: 'refuse',
          id: 'v1/Pod/weka/a' as ObjectId,
          reason: 'weka is refused',
          fields: [{ path: 'weka', from: { a: ['x weka'] }, to: 4711 }],
          flags: [],
        },
      ],
      health: new Map([['v1/Pod/weka/a' as ObjectId, { state: 'failed', message: 'weka is wrong' }]]),
    });
    expect(reportOutput(report)).toMatchObject({
      changes: [
        {
          target: 'v1/Pod/weka/a',
          reason: '(hidden) is refused',
          fields: [{ path: 'weka', from: { a: ['x (hidden)'] }, to: '(hidden)' }],
        },
      ],
      objects: [{ target: 'v1/Pod/weka/a', message: '(hidden) is wrong' }],
    });
  });

  it('does not show in the digest of a plan, where it could be guessed', () => {
    const digest = (value: string) => {
      const specs = parseSpecs(
        [fileOf(of('v1', 'ConfigMap', { data: { key: value } }), ['data', 'key'])],
        CEILINGS,
      );
      const [wanted] = buildDesired(specs, { applySet: APPLY_SET, image: 'i:1' }).objects;
      const { id, object, sealed } = wanted!;
      return planDigest([
        {
          op: 'create',
          id,
          desired: object,
          fields: [],
          flags: [],
          ...(sealed === undefined ? {} : { sealed }),
        },
      ]);
    };
    expect(digest('one')).toBe(digest('two'));
  });
});

describe('a file that stays encrypted', () => {
  const text = stringify(of('v1', 'ConfigMap', { data: { key: 'ENC[AES256_GCM,…]' }, nonsense: 1 }));
  const file: SourceFile = {
    path: 'a.yaml',
    content: Buffer.from(text),
    sealed: [{ document: 0, path: ['data', 'key'] }],
    unopened: true,
  };

  it('asks for nothing, and leaves what is there as it is', () => {
    const { specs, broken } = parseSpecs(
      [{ ...file, content: Buffer.from(text.replace('nonsense: 1', '')) }],
      CEILINGS,
    );
    expect(specs).toEqual([]);
    expect(broken.map(({ id }) => id)).toEqual(['v1/ConfigMap/weka/a']);
  });

  it('is checked where it is plain, and not where it is encrypted', () => {
    expect(parseSpecs([file], CEILINGS).findings.map(({ rule }) => rule)).toEqual(['unknown-field']);
    const labels = stringify(of('v1', 'ConfigMap', {}, { labels: { a: 'ENC[AES256_GCM,…]' } }));
    const sealed = [{ document: 0, path: ['metadata', 'labels', 'a'] }];
    expect(parseSpecs([{ ...file, content: Buffer.from(labels), sealed }], CEILINGS).findings).toEqual([]);
  });
});

/** The value with one text in place of another, wherever it stands, Base64 included. */
function replaced(value: unknown, from: string, to: string): unknown {
  if (typeof value === 'string') {
    const plain = Buffer.from(value, 'base64').toString();
    return plain.includes(from)
      ? Buffer.from(plain.replace(from, to)).toString('base64')
      : value.replaceAll(from, to);
  }
  if (Array.isArray(value)) return value.map((each) => replaced(each, from, to));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, replaced(each, from, to)]));
}
