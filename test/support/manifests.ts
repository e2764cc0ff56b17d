/** Manifests as YAML, as an author would write them. */

export function configMap(
  namespace: string,
  name: string,
  data: Readonly<Record<string, string>> = {},
): string {
  return JSON.stringify(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data },
    null,
    2,
  );
}

export function deployment(
  namespace: string,
  name: string,
  {
    replicas = 1,
    image = 'registry.example.com/app:1',
    configMap,
  }: { replicas?: number; image?: string; configMap?: string } = {},
): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  replicas: ${replicas}
  selector:
    matchLabels: { app: ${name} }
  template:
    metadata:
      labels: { app: ${name} }
    spec:
      containers:
        - name: app
          image: ${image}
${configMap === undefined ? '' : `          envFrom:\n            - configMapRef: { name: ${configMap} }\n`}`;
}

export function settings(spec: object): string {
  return JSON.stringify({
    apiVersion: 'weka-gitops.dev/v1',
    kind: 'Settings',
    metadata: { name: 'test' },
    spec,
  });
}

export function wekaContainer(namespace: string, name: string, spec: object = {}): string {
  return JSON.stringify({
    apiVersion: 'weka.weka.io/v1alpha1',
    kind: 'WekaContainer',
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      mode: 'drivers-dist',
      name: 'dist',
      image: 'quay.io/weka.io/weka-in-container:4.4.5',
      agentPort: 60001,
      port: 60002,
      ...spec,
    },
  });
}
