import { describe, expect, it } from 'vitest';
import { found, readFiles, wekaContainer } from '../read.ts';

function manifest(kind: string, spec: string, metadata = 'name: demo, namespace: weka'): string {
  const group = kind === 'Approval' || kind === 'Settings' ? 'weka-gitops.dev/v1' : 'weka.weka.io/v1alpha1';
  return `apiVersion: ${group}\nkind: ${kind}\nmetadata: { ${metadata} }\nspec:\n  ${spec}\n`;
}

const cluster = (rest = ''): string =>
  manifest('WekaCluster', `image: quay.io/weka.io/weka-in-container:4.4.10\n${rest}`);

const NOT_YET =
  '2:7 ignored ignored-field: This version checks a WekaCluster and sees to the drivers of its nodes, and to nothing else of it yet.';

describe('a kind that is only checked', () => {
  it('says so once, however many fields a manifest sets', () => {
    expect(found(cluster())).toEqual([NOT_YET]);
    expect(found(cluster('  ipv6: true\n  hotSpare: 1\n  network: { udpMode: true }\n'))).toEqual([NOT_YET]);
  });

  it('is a typed spec all the same', () => {
    const [spec] = readFiles({ 'a.yaml': cluster('  hotSpare: 2\n') }).specs;
    expect(spec).toMatchObject({
      kind: 'WekaCluster',
      cluster: { spec: { hotSpare: 2, dynamicTemplate: { driveContainers: 6 } } },
      manifest: { spec: { hotSpare: 2 } },
    });
    expect(spec?.manifest['spec']).not.toHaveProperty('dynamicTemplate');
  });

  it('may carry the status of a cluster that it was exported from', () => {
    const status = 'status: { status: Ready, anything: { newer: 1 } }\n';
    expect(found(`${cluster()}${status}`)).toEqual([
      NOT_YET,
      "7:1 ignored ignored-field: status is written by the cluster, so the manifest's is left out.",
    ]);
  });
});

describe('the status of an operation', () => {
  const operation = (status: string): string =>
    `${manifest('WekaManualOperation', 'action: discover-drives\n  payload: {}')}${status}`;
  const typedStatus = (status: string) => {
    const [spec] = readFiles({ 'a.yaml': operation(status) }).specs;
    if (spec?.kind !== 'WekaManualOperation') throw new Error('no operation');
    expect(spec.manifest).not.toHaveProperty('status');
    return spec.operation.status;
  };

  it('is read where it says that the operation is done, and nothing else of it', () => {
    const status = 'status: { status: Done, result: [5], completedAt: 2026-01-31 }\n';
    expect(typedStatus(status)).toEqual({ status: 'Done' });
    expect(found(operation(status)).slice(1)).toEqual([
      '7:19 ignored operation-done: status says that this operation is Done, so it is not run again.',
    ]);
  });

  it.each(['Running', 'Failed', 'done', '""', '[Done]'])('is left out where it says %s', (said) => {
    const status = `status: { status: ${said} }\n`;
    expect(typedStatus(status)).toBeUndefined();
    expect(found(operation(status)).slice(1)).toEqual([
      "7:1 ignored ignored-field: status is written by the cluster, so the manifest's is left out.",
    ]);
  });

  it('means nothing on another kind', () => {
    expect(found(`${cluster()}status: { status: Done }\n`).slice(1)).toEqual([
      "7:1 ignored ignored-field: status is written by the cluster, so the manifest's is left out.",
    ]);
  });
});

describe('fields that are not acted on', () => {
  it('are told at the topmost of them', () => {
    expect(found(wekaContainer('  network: { udpMode: true, selectors: [{ min: 1, max: 2 }] }'))).toEqual([
      '7:3 ignored ignored-field: spec.network is accepted, and not acted on by this version.',
    ]);
  });
});

describe('values of the wrong form', () => {
  it.each([
    [
      'gracefulDestroyDuration: 300',
      'spec.gracefulDestroyDuration must be a duration such as 90s, 5m or 24h.',
    ],
    [
      'gracefulDestroyDuration: 7d',
      'spec.gracefulDestroyDuration must be a duration such as 90s, 5m or 24h.',
    ],
    ['imagePullSecret: 5', 'spec.imagePullSecret must be text, not the number 5.'],
    [
      'network: { deviceSubnets: [10.0.0.0] }',
      'spec.network.deviceSubnets[0] must be a subnet such as 192.168.10.0/24.',
    ],
    ['tolerations: [{ key: a }]', 'spec.tolerations[0] must be text, not a map.'],
    ['rawTolerations: [a]', 'spec.rawTolerations[0] must be a map, not the text "a".'],
    [
      'dynamicTemplate: { clusterCapacity: much }',
      'spec.dynamicTemplate.clusterCapacity must be a capacity such as 500TiB.',
    ],
  ])('%s', (line, message) => {
    const { findings } = readFiles({ 'a.yaml': cluster(`  ${line}\n`) });
    expect(findings.filter(({ level }) => level === 'error').map((each) => each.message)).toEqual([message]);
  });

  it('come with a hint only where the hint would help', () => {
    const hint = (line: string) => readFiles({ 'a.yaml': cluster(`  ${line}\n`) }).findings.at(-1)?.hint;
    expect(hint('gracefulDestroyDuration: 300')).toBe(
      'Add a unit: 300h are hours, 300m minutes and 300s seconds.',
    );
    expect(hint('imagePullSecret: 5')).toBe('Put it in quotes: "5"');
  });
});

it('an Approval stands in no namespace, and has its article', () => {
  expect(found(manifest('Approval', 'reasons: x'))).toContainEqual(
    expect.stringMatching(/^3:25 error unexpected-namespace: /),
  );
  expect(found(manifest('Approval', 'reasons: x', 'name: a'))).toContain(
    '5:3 error unknown-field: "reasons" is no field of spec in an Approval.',
  );
});
