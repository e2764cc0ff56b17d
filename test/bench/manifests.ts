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

function configMapFile(namespace: string, name: string, edition: string): string {
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
${line.repeat(Math.ceil(BYTES / line.length))}`;
}
