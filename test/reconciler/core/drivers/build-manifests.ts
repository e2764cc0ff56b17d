type Text = Readonly<Record<string, unknown>>;

export const DIST = 'https://drivers-dist.weka.svc.cluster.local:60002';
export const PUBLIC = 'https://drivers.weka.io';

export function image(version: string): string {
  return `quay.io/weka.io/weka-in-container:${version}`;
}

function weka(kind: string, name: string, spec: Text, metadata: Text = {}): string {
  const meta = { name, namespace: 'weka', ...metadata };
  return JSON.stringify({ apiVersion: 'weka.weka.io/v1alpha1', kind, metadata: meta, spec });
}

export function cluster(name: string, version: string, spec: Text = {}, metadata: Text = {}): string {
  return weka('WekaCluster', name, { image: image(version), driversDistService: DIST, ...spec }, metadata);
}

export function client(name: string, version: string, spec: Text = {}): string {
  const joins = { joinIpPorts: ['10.0.0.1:14000'] };
  return weka('WekaClient', name, { image: image(version), driversDistService: DIST, ...joins, ...spec });
}

export function policy(name = 'drivers', payload: Text = {}, spec: Text = {}): string {
  return weka('WekaPolicy', name, {
    type: 'enable-local-drivers-distribution',
    image: image('4.4.5'),
    payload: { driverDistPayload: payload },
    ...spec,
  });
}

/** A service made by hand: the container that serves, its Service, and a builder for each of these versions. */
export function handMade(builders: Readonly<Record<string, Text>>): Readonly<Record<string, string>> {
  return {
    'dist.yaml': weka(
      'WekaContainer',
      'dist',
      { mode: 'drivers-dist', image: image('4.4.5') },
      { labels: { app: 'dist' } },
    ),
    'service.yaml': JSON.stringify({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'drivers-dist', namespace: 'weka' },
      spec: { selector: { app: 'dist' }, ports: [{ port: 60002 }] },
    }),
    ...Object.fromEntries(
      Object.entries(builders).map(([name, spec]) => [
        `${name}.yaml`,
        weka('WekaContainer', name, { mode: 'drivers-builder', uploadResultsTo: 'dist', ...spec }),
      ]),
    ),
  };
}

export function settings(spec: Text): string {
  return JSON.stringify({
    apiVersion: 'weka-gitops.dev/v1',
    kind: 'Settings',
    metadata: { name: 's' },
    spec,
  });
}
