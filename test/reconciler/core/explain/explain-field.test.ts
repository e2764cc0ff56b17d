import { describe, expect, it } from 'vitest';
import { FieldExplanation, type FieldOutput } from '../../../../schemas/output/field-explanation.ts';
import { SPEC_KINDS } from '../../../../schemas/spec.ts';
import { explainField } from '../../../../reconciler/core/explain/explain-field.ts';
import { fieldExplanationText } from '../../../../reconciler/core/report/field-explanation.ts';

function explained(target: string, recursive = false): FieldExplanation {
  const found = explainField(target, recursive);
  if ('message' in found) throw new Error(found.message);
  return FieldExplanation.parse(JSON.parse(JSON.stringify(found)));
}

function text(target: string, recursive = false): string {
  return fieldExplanationText(explained(target, recursive), { colour: false, width: 80, recursive });
}

function count(fields: readonly FieldOutput[]): number {
  return fields.reduce((sum, field) => sum + 1 + count(field.fields), 0);
}

describe('explain-field', () => {
  it('says of a field what kubectl explain would, and more', () => {
    const said = text('wekacontainer.spec.port');
    expect(said).toMatch(
      /^GROUP: {6}weka\.weka\.io\nKIND: {7}WekaContainer\nVERSION: {4}v1alpha1\n\nFIELD: spec\.port <integer>\n\nDESCRIPTION:\n {4}\S/,
    );
    expect(said).toContain('ACTED ON:\n    yes\n');
  });

  it('says default, the values that it may have, and what replaces it', () => {
    expect(text('wekacluster.spec.dynamicTemplate.driveCores')).toContain('DEFAULT:\n    1\n');
    expect(text('wekacontainer.spec.mode')).toMatch(/<string> -required-[\s\S]*ENUM:\n {4}drive, compute/);
    expect(text('wekacontainer.spec.exposePorts')).toContain('DEPRECATED:\n    Use exposedPorts.\n');
  });

  it('lists the fields below, of elements of lists and of maps too', () => {
    expect(text('wekacontainer')).toMatch(/\nFIELDS:\n {2}apiVersion +<string> -required-\n/);
    expect(explained('wekacontainer.spec.tolerations').field).toMatchObject({ type: '[]Object' });
    expect(explained('wekacontainer.spec.tolerations').field.fields.map(({ name }) => name)).toContain(
      'effect',
    );
    expect(explained('wekacontainers.spec.tolerations[0].effect').field.type).toBe('string');
    expect(explained('WekaContainer.spec.nodeSelector').field.type).toBe('map[string]string');
    expect(explained('wekapolicies').of.kind).toBe('WekaPolicy');
  });

  it('lists all of them on demand', () => {
    const { field } = explained('wekacluster.spec', true);
    expect(count(field.fields)).toBeGreaterThan(400);
    expect(text('wekacluster.spec', true)).toMatch(
      /\n {2}dynamicTemplate +<Object>.*\n {4}computeContainers +<integer>/,
    );
    expect(explained('wekacluster.spec').field.fields.every(({ fields }) => fields.length === 0)).toBe(true);
  });

  it('says that the cluster writes status, of which only the end of an operation is read', () => {
    expect(text('wekacluster.status.clusterID')).toContain('ACTED ON:\n    never; the cluster writes it\n');
    expect(explained('wekapolicy.status').field.actedOn).toBe('never');
    expect(explained('wekamanualoperation.status').field.actedOn).toBe('in part');
    expect(explained('wekamanualoperation.status.status').field.actedOn).toBe('yes');
    expect(explained('wekamanualoperation.status.result').field.actedOn).toBe('never');
    expect(explained('wekapolicy.status.lastRunTime').field.type).toBe('string or null');
  });

  it('says what is acted on, and what in part', () => {
    const { fields } = explained('wekacontainer.spec', true).field;
    const of = (name: string) => fields.find((field) => field.name === name)!;
    expect([of('image'), of('overrides'), of('numCores')].map(({ actedOn }) => actedOn)).toEqual([
      'yes',
      'in part',
      'no',
    ]);
    expect(explained('wekacontainer.status').field.actedOn).toBe('never');
    expect(explained('wekacontainer.metadata.name').field.actedOn).toBe('yes');
  });

  it.each(SPEC_KINDS)('describes every field of the spec of a $kind', ({ kind }) => {
    const undescribed = (field: FieldOutput): readonly string[] => [
      ...(field.description === '' ? [field.name] : []),
      ...field.fields.flatMap(undescribed),
    ];
    expect(undescribed(explained(`${kind}.spec`, true).field)).toEqual([]);
  });

  it.each([
    [
      'wekacluster.spec.dynamicTemplate.drvieCores',
      'Did you mean WekaCluster.spec.dynamicTemplate.driveCores?',
    ],
    ['wekacluster.spec.numDrives', 'Did you mean WekaCluster.spec.dynamicTemplate.numDrives?'],
    ['wekacluster.spec.dynamicTemplate.hotSpare', 'Did you mean WekaCluster.spec.hotSpare?'],
    ['wekaclutser.spec.image', 'Did you mean wekacluster.spec.image?'],
    ['deployment.spec', 'Ask kubectl explain deployment.spec about kinds of Kubernetes.'],
    ['wekacluster.spec.image.tag', 'WekaCluster.spec.image has no fields.'],
    ['wekacluster.toString', expect.stringContaining('It has apiVersion, kind')],
  ])('says what to ask instead of %s', (target, hint) => {
    expect(explainField(target, false)).toEqual({ message: expect.any(String), hint });
  });
});
