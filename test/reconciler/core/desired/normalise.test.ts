import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalise } from '../../../../reconciler/core/desired/normalise.ts';
import { aClusterObject, aConfigMap, anObject } from '../../../support/objects.ts';

const secret = (rest: object) => anObject('v1/Secret', 'a', { ...rest });
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('normalise', () => {
  it('takes null for absence, at any depth', () => {
    const object = anObject('apps/v1/Deployment', 'a', {
      spec: { replicas: null, template: { spec: { containers: [{ name: 'a', args: null }] } } },
    });
    expect(normalise(object)['spec']).toEqual({ template: { spec: { containers: [{ name: 'a' }] } } });
  });

  it('encodes the texts of a Secret, which win over its data', () => {
    expect(
      normalise(secret({ stringData: { a: 'ä', n: 1 as never }, data: { a: 'eA==', b: 'eQ==' } })),
    ).toEqual(secret({ data: { a: base64('ä'), n: base64('1'), b: 'eQ==' } }));
  });

  it("leaves stringData alone where it is no Secret's, or no map", () => {
    const map = { ...aConfigMap('a'), stringData: { a: 'b' } };
    expect(normalise(map)).toEqual(map);
    expect(normalise(secret({ stringData: 'x' }))).toEqual(secret({ stringData: 'x' }));
  });

  it('takes the line breaks out of base64', () => {
    expect(normalise(secret({ data: { a: 'YWJj\nZGVm\r\n' } }))['data']).toEqual({ a: 'YWJjZGVm' });
    expect(normalise({ ...aConfigMap('a'), binaryData: { a: 'YWJj\n' }, data: { t: 'a\n' } })).toMatchObject({
      binaryData: { a: 'YWJj' },
      data: { t: 'a\n' },
    });
    const hook = (caBundle?: string) =>
      aClusterObject('admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration', 'w', {
        webhooks: [
          { name: 'a', clientConfig: { url: 'https://a', ...(caBundle && { caBundle }) } },
          { name: 'b' },
        ],
      });
    expect(normalise(hook('YWJj\n'))).toEqual(hook('YWJj'));
    expect(normalise(hook())).toEqual(hook());
  });

  it('leaves out what only the server writes, so that what kubectl printed can be committed', () => {
    const printed = anObject('v1/ConfigMap', 'a', {
      metadata: {
        uid: 'u',
        resourceVersion: '7',
        generation: 2,
        creationTimestamp: '2026-01-01T00:00:00Z',
        managedFields: [],
        selfLink: '/x',
        labels: { a: '1' },
      },
      data: { a: '1' },
      status: { phase: 'Active' },
    });
    expect(normalise(printed)).toEqual(
      anObject('v1/ConfigMap', 'a', { metadata: { labels: { a: '1' } }, data: { a: '1' } }),
    );
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.dictionary(fc.string(), fc.string()),
        (rest, stringData) => {
          const { metadata: _own, kind: _kind, apiVersion: _version, ...body } = rest;
          for (const object of [
            secret({ ...body, stringData }),
            anObject('v1/ConfigMap', 'a', { ...body }),
          ]) {
            expect(normalise(normalise(object))).toEqual(normalise(object));
          }
        },
      ),
    );
  });
});
