import { describe, expect, it } from 'vitest';
import { inUseObject } from '../../../../reconciler/core/desired/in-use-object.ts';
import { withDriverPods } from '../../../../reconciler/core/desired/driver-pods.ts';
import type { ServicesInUse } from '../../../../reconciler/core/drivers/packages-in-use.ts';
import { record } from '../../../../reconciler/core/kube/json.ts';
import { type KubeObject, objectId, type ObjectId } from '../../../../reconciler/core/kube/object.ts';
import { IN_USE_FILE, PackagesInUse } from '../../../../schemas/drivers/packages-in-use.ts';
import { wekaContainer } from '../../../support/manifests.ts';
import { builtOf, CONTEXT, driversPolicy, podOf } from './read-specs.ts';

const A = { file: 'a.tar.gz', sha256: 'a'.repeat(64) };
const B = { file: 'b.tar.gz', sha256: 'b'.repeat(64) };
const C = { file: 'c.tar.gz', sha256: 'c'.repeat(64) };

const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'drivers', namespace: 'weka' },
  spec: { selector: { 'weka.io/mode': 'drivers-dist' }, ports: [{ port: 60002 }] },
};

function known(
  packages: Readonly<Record<string, PackagesInUse['packages']>>,
  isComplete = true,
): ServicesInUse {
  return { packages: new Map(Object.entries(packages)), isComplete };
}

/** The lists in the ConfigMaps of what these manifests ask for, by their names. */
function lists(
  manifests: readonly (string | object)[],
  inUse: ServicesInUse | undefined,
  live: readonly KubeObject[] = [],
) {
  const { parsed, objects } = builtOf(...manifests);
  const all = withDriverPods(objects, [], {
    ...CONTEXT,
    specs: parsed.specs,
    live: new Map(live.map((each) => [objectId(each), each])),
    inUse,
  });
  const texts = all.flatMap(({ object: { kind, metadata, ...rest } }) =>
    kind === 'ConfigMap' && metadata.name.endsWith('-in-use')
      ? [[metadata.name, record(rest['data'])[IN_USE_FILE]] as const]
      : [],
  );
  return Object.fromEntries(
    texts.map(([name, text]) => [
      name,
      typeof text === 'string' ? PackagesInUse.parse(JSON.parse(text)).packages : undefined,
    ]),
  );
}

function saying(dist: string, text: string): KubeObject {
  return { ...inUseObject({ namespace: 'weka', dist }), data: { [IN_USE_FILE]: text } };
}

describe('what a service is told of packages in use', () => {
  it('is beside it, and read where its program looks', () => {
    const { object } = builtOf(driversPolicy('drivers'));
    const { volumes, mounts } = podOf(object('apps/v1/Deployment/weka/drivers-dist'));
    expect(volumes['in-use']).toEqual({ configMap: { name: 'drivers-dist-in-use', optional: true } });
    expect(mounts['in-use']).toBe('/var/run/weka-gitops/in-use');
    const builder = wekaContainer('weka', 'b', { mode: 'drivers-builder', uploadResultsTo: 'drivers-dist' });
    expect(podOf(builtOf(builder).object('v1/Pod/weka/b')).volumes).not.toHaveProperty('in-use');
  });

  it('is what is in use of its own Service', () => {
    const inUse = known({ 'weka/drivers-dist': [A], 'weka/other': [B] });
    expect(lists([driversPolicy('drivers')], inUse)).toEqual({ 'drivers-dist-in-use': [A] });
    expect(lists([driversPolicy('drivers')], known({}))).toEqual({ 'drivers-dist-in-use': [] });
  });

  it('is the same for all containers behind a Service, each with what is asked for by its own name', () => {
    const manifests = [wekaContainer('weka', 'one'), wekaContainer('weka', 'two'), SERVICE];
    const inUse = known({ 'weka/drivers': [A], 'weka/two': [B] });
    expect(lists(manifests, inUse)).toEqual({ 'one-in-use': [A], 'two-in-use': [A, B] });
  });

  it('stays as it was where it is not known what is in use, and is nothing before', () => {
    const text = JSON.stringify({ schemaVersion: 1, packages: [A] });
    const before = saying('drivers-dist', text);
    expect(lists([driversPolicy('drivers')], undefined, [before])).toEqual({ 'drivers-dist-in-use': [A] });
    expect(lists([driversPolicy('drivers')], undefined)).toEqual({ 'drivers-dist-in-use': undefined });
  });

  it('only grows where not all is known, save that a name has the digest that it has to have now', () => {
    const text = JSON.stringify({ schemaVersion: 1, packages: [A, { ...B, sha256: 'd'.repeat(64) }] });
    const before = saying('drivers-dist', text);
    const told = (isComplete: boolean, live = before) =>
      lists([driversPolicy('drivers')], known({ 'weka/drivers-dist': [B, C] }, isComplete), [live])[
        'drivers-dist-in-use'
      ];
    expect(told(false)).toEqual([A, B, C]);
    expect(told(true)).toEqual([B, C]);
    expect(told(false, saying('drivers-dist', 'no list'))).toEqual([B, C]);
  });

  it('belongs to the manifest, so that one with an error leaves it as it is', () => {
    const { broken } = builtOf(driversPolicy('drivers', { buildTimeout: 'soon' }));
    expect(broken.has('v1/ConfigMap/weka/drivers-dist-in-use' as ObjectId)).toBe(true);
  });
});
