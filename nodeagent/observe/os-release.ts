import type { OperatingSystem } from '../../schemas/node-report.ts';
import { type Observed, unknown } from '../../schemas/node/observed.ts';

/** The operating system by its os-release, which is written as a shell would read it. */
export function parseOsRelease(text: string): Observed<OperatingSystem> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, value] = /^\s*([A-Z0-9_]+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) values.set(name, unquoted(value.trim()));
  }
  const id = values.get('ID');
  if (id === undefined || id === '') return unknown('os-release has no ID.');
  const named = (field: string, name: string) => {
    const value = values.get(name);
    return value === undefined || value === '' ? {} : { [field]: value };
  };
  return {
    id,
    ...named('versionId', 'VERSION_ID'),
    ...named('version', 'VERSION'),
    ...named('variantId', 'VARIANT_ID'),
    ...named('buildId', 'BUILD_ID'),
  };
}

function unquoted(value: string): string {
  const quote = value[0];
  if (quote === "'" && value.endsWith("'") && value.length > 1) return value.slice(1, -1);
  if (quote === '"' && value.endsWith('"') && value.length > 1) {
    return value.slice(1, -1).replaceAll(/\\(["\\$`])/g, '$1');
  }
  return value;
}

/** Where WEKA keeps its files on a node: only some systems cannot have it in `/opt`. */
export function persistenceFolder(os: OperatingSystem | undefined): string {
  if (os?.id === 'rhcos' || (os?.id === 'rhel' && os.variantId === 'coreos')) return '/root/k8s-weka';
  return os?.id === 'cos' ? '/mnt/stateful_partition/k8s-weka' : '/opt/k8s-weka';
}
