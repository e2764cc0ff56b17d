import { type Ceilings, type ParsedSpecs, parseSpecs } from '../../../../reconciler/core/spec/parse.ts';

const CEILINGS: Ceilings = { kinds: [], systemNamespace: 'weka-gitops-system' };

/** Files by name, as a repository would hold them. */
export function readFiles(
  files: Readonly<Record<string, string | Uint8Array>>,
  ceilings: Partial<Ceilings> = {},
): ParsedSpecs {
  const sources = Object.entries(files).map(([path, text]) => ({
    path,
    content: typeof text === 'string' ? new TextEncoder().encode(text) : text,
  }));
  return parseSpecs(sources, { ...CEILINGS, ...ceilings });
}

/** One file, and what is found in it. */
export function found(text: string | Uint8Array, ceilings: Partial<Ceilings> = {}): readonly string[] {
  return told(readFiles({ 'a.yaml': text }, ceilings));
}

/** `line:column level rule: message`, with the file where there are several. */
export function told({ findings, files }: ParsedSpecs): readonly string[] {
  return findings.map(({ file, line, column, level, rule, message }) => {
    const place = files === 1 ? `${line}:${column}` : `${file}:${line}:${column}`;
    return `${place} ${level} ${rule}: ${message}`;
  });
}

/** A ConfigMap with whatever stands in `rest` besides, which begins in line 5. */
export function configMap(rest = '', name = 'a'): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  { name: ${name}, namespace: weka }\n${rest}`;
}

/** A container of WEKA whose spec holds what `spec` says besides, which begins in line 7. */
export function wekaContainer(spec = ''): string {
  return [
    'apiVersion: weka.weka.io/v1alpha1',
    'kind: WekaContainer',
    'metadata: { name: dist, namespace: weka }',
    'spec:',
    '  mode: drivers-dist',
    '  image: quay.io/weka.io/weka-in-container:4.4.10',
    spec,
  ].join('\n');
}

/** Settings whose spec is `spec`, which begins in line 5. */
export function settings(spec: string): string {
  return `apiVersion: weka-gitops.dev/v1\nkind: Settings\nmetadata: { name: s }\nspec:\n${spec}`;
}
