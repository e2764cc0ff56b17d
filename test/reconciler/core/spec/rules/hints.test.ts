import { describe, expect, it } from 'vitest';
import { readFiles, settings } from '../read.ts';

function hints(kind: string, spec: string, rest = ''): readonly (string | undefined)[] {
  const text = [
    'apiVersion: weka.weka.io/v1alpha1',
    `kind: ${kind}`,
    `metadata: { name: demo, namespace: weka${rest} }`,
    `spec: ${spec}`,
  ].join('\n');
  const { findings } = readFiles({ 'a.yaml': text });
  return findings
    .filter(({ level, rule }) => level !== 'ignored' || rule === 'unknown-rule')
    .map(({ hint }) => hint);
}

const IMAGE = 'image: quay.io/weka.io/weka-in-container:4.4.10';

describe('a field that stands in the wrong map', () => {
  it.each([
    ['numDrives: 4', 'Move it to spec.dynamicTemplate.numDrives.'],
    ['driveCores: 1', 'Move it to spec.dynamicTemplate.driveCores.'],
    ['computeContainers: 6', 'Move it to spec.dynamicTemplate.computeContainers.'],
    ['udpMode: true', 'Move it to spec.network.udpMode.'],
    ['csiGroup: a', 'Move it to spec.csiConfig.csiGroup.'],
    ['dynamicTemplate: { hotSpare: 1 }', 'Move it to spec.hotSpare.'],
    ['numdrives: 4', 'Move it to spec.dynamicTemplate.numDrives.'],
    ['hotSpair: 1', 'Did you mean hotSpare?'],
  ])('is told where it belongs: %s', (spec, hint) => {
    expect(hints('WekaCluster', `{ ${IMAGE}, ${spec} }`)).toEqual([hint]);
  });
});

describe('a value whose cause is plain', () => {
  it.each([
    [
      'WekaCluster',
      'tolerations: [{ key: a, operator: Exists }]',
      'Put tolerations in full below rawTolerations.',
    ],
    ['WekaCluster', 'gracefulDestroyDuration: 24', 'Add a unit: 24h are hours, 24m minutes and 24s seconds.'],
    ['WekaCluster', 'gracefulDestroyDuration: 1w', 'Write 168h: hours are the largest unit here.'],
    ['WekaClient', 'autoRemoveTimeout: 1d', 'Write 24h: hours are the largest unit here.'],
    ['WekaClient', 'targetCluster: c', 'Write it as a map: { name: c, namespace: NAMESPACE }.'],
    [
      'WekaCluster',
      'additionalMemory: { compute: 5GB }',
      'Write a number alone, in the unit of the field: 5GB is 4768 of one in MiB, and 4 of one in GiB.',
    ],
    [
      'WekaClient',
      'hugepages: 512Mi',
      'Write a number alone, in the unit of the field: 512Mi is 512 of one in MiB.',
    ],
    [
      'WekaCluster',
      'dynamicTemplate: { clusterCapacity: much }',
      'Write a number and a unit, such as 500TiB, 500TB or 1.5PiB.',
    ],
    ['WekaCluster', 'wekaHome: { endpoint: home.example.com }', 'Write https://home.example.com.'],
    [
      'WekaCluster',
      'network: { deviceSubnets: [10.0.0.0] }',
      'Add how many bits its addresses share, such as 10.0.0.0/24.',
    ],
    [
      'WekaContainer',
      'mode: drivers-dist, resources: { limits: { memory: 5GB } }',
      'Write 5G, or 5Gi where powers of 1024 are meant.',
    ],
  ])('of a %s is told with what to write: %s', (kind, spec, hint) => {
    expect(hints(kind, `{ ${IMAGE}, ${spec} }`)).toContain(hint);
  });

  it('of a plain object, too', () => {
    const text =
      'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: { name: a, namespace: weka }\nspec: { resources: { requests: { storage: 5 GiB } } }\n';
    const { findings } = readFiles({ 'a.yaml': text });
    expect(findings.map(({ hint }) => hint)).toEqual(['Write 5Gi.']);
  });

  it('of a policy without a payload names what may stand there', () => {
    expect(hints('WekaPolicy', '{ type: sign-drives }')).toEqual([
      expect.stringMatching(/^Add it, with .*signDrivesPayload/),
    ]);
  });
});

describe('the name of a rule', () => {
  const ruleHints = (rules: string): readonly (string | undefined)[] =>
    readFiles({ 'a.yaml': settings(`  rules: ${rules}`) }).findings.map(({ hint }) => hint);

  it.each([
    ['hot-spare', 'Did you mean hot-spare-zero?'],
    ['hot-spair-zero', 'Did you mean hot-spare-zero?'],
    ['namespace-', 'Did you mean namespace-near-miss or namespace-not-allowed or namespace-of-another?'],
    ['xyzzy', 'Look for the name that stands in brackets after each finding.'],
  ])('%s comes with those that are like it', (name, hint) => {
    expect(ruleHints(`{ '${name}': silent }`)).toEqual([hint]);
    const annotated = hints(
      'WekaContainer',
      `{ ${IMAGE}, mode: drivers-dist }`,
      `, annotations: { weka-gitops.dev/ignore-rule: '${name}: a reason' }`,
    );
    expect(annotated).toEqual([hint]);
  });

  it('that is fixed comes with what to do', () => {
    expect(ruleHints('{ schema: silent }')).toEqual(['Remove it, and mend what the rule finds.']);
  });
});
