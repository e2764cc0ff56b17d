/** Bytes of one ConfigMap's data, much as a small configuration file has. */
const BYTES = 1024;

/** The manifests of `count` ConfigMaps as files, one each, as an author would write them; `edition` stands in their data. */
export function configMapFiles(
  namespace: string,
  count: number,
  edition: (index: number) => string = () => 'first',
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const name = `settings-${String(index).padStart(5, '0')}`;
      return [`${name}.yaml`, configMapFile(namespace, name, edition(index))];
    }),
  );
}

function configMapFile(namespace: string, name: string, edition: string, bytes = BYTES): string {
  const line = `      ${name} is read when the program starts, and not again.\n`;
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
  namespace: ${namespace}
  labels:
    app: ${name}
data:
  edition: "${edition}"
  notes.txt: |
${line.repeat(Math.ceil(bytes / line.length))}`;
}

/** Manifests in each of the files of `applicationFiles` and `clientFiles`. */
export const FILE_OBJECTS = 10;

/** `count` files with ten manifests each, as people keep them: three programs with their services and settings. */
export function applicationFiles(
  namespace: string,
  count: number,
  edition: (index: number) => string = () => 'first',
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const name = `application-${String(index).padStart(4, '0')}`;
      const parts = ['frontend', 'worker', 'database'].map((part) => `${name}-${part}`);
      const documents = [
        ...[`${name}-shared`, ...parts].map((part) => configMapFile(namespace, part, edition(index), 256)),
        ...parts.map((part) => deployment(namespace, part)),
        ...parts.map((part) => service(namespace, part)),
      ];
      return [`${name}.yaml`, documents.join('---\n')];
    }),
  );
}

/** `count` files with the manifests of ten WekaClients each: the vendor's kinds are checked further than Kubernetes' own. */
export function clientFiles(namespace: string, count: number): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const hall = `hall-${String(index).padStart(4, '0')}`;
      const racks = Array.from({ length: FILE_OBJECTS }, (_, rack) => `${hall}-${rack}`);
      return [`${hall}.yaml`, racks.map((rack) => wekaClient(namespace, rack)).join('---\n')];
    }),
  );
}

function wekaClient(namespace: string, name: string): string {
  return `apiVersion: weka.weka.io/v1alpha1
kind: WekaClient
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  image: quay.io/weka.io/weka-in-container:4.4.10.183
  nodeSelector:
    example.com/rack: ${name}
  joinIpPorts: ["10.0.0.1:14000", "10.0.0.2:14000"]
  portRange: { basePort: 45000 }
  coresNum: 1
`;
}

function deployment(namespace: string, name: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: ${namespace}
  labels:
    app: ${name}
spec:
  replicas: 2
  selector:
    matchLabels:
      app: ${name}
  template:
    metadata:
      labels:
        app: ${name}
    spec:
      containers:
        - name: main
          image: registry.example.com/${name}:1.2.3
          args: ["--listen", ":8080"]
          envFrom:
            - configMapRef: { name: ${name} }
          ports:
            - name: http
              containerPort: 8080
          resources:
            requests: { cpu: 100m, memory: 64Mi }
            limits: { memory: 128Mi }
          readinessProbe:
            httpGet: { path: /ready, port: http }
            periodSeconds: 5
`;
}

function service(namespace: string, name: string): string {
  return `apiVersion: v1
kind: Service
metadata:
  name: ${name}
  namespace: ${namespace}
  labels:
    app: ${name}
spec:
  selector:
    app: ${name}
  ports:
    - name: http
      port: 80
      targetPort: http
`;
}
