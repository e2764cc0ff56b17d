import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { RUNTIME } from '../../scripts/bundle.ts';

const root = join(import.meta.dirname, '../..');
const lines = (await readFile(join(root, 'Dockerfile'), 'utf8')).replaceAll(/\\\n\s*/g, '').split('\n');
const ignored = (await readFile(join(root, '.dockerignore'), 'utf8')).split('\n');

/** The arguments of each instruction of one name. */
function all(instruction: string): readonly string[][] {
  return lines.filter((line) => line.startsWith(`${instruction} `)).map((line) => line.split(/\s+/).slice(1));
}

describe('the Dockerfile', () => {
  it('builds and runs on the Node that the tests run on', () => {
    const bases = all('FROM').map(([base]) => base ?? '');
    const node = bases.filter((base) => base.startsWith('node:'));
    expect(node).toEqual(Array(2).fill(`node:${packageJson.devDependencies.node}-bookworm-slim`));
    expect(bases.at(-1)).toBe(node[0]);
  });

  it('brings the kustomize that is within the kubectl of the tests', () => {
    const [install] = all('RUN').filter((words) => words.includes('install'));
    const module = /^sigs\.k8s\.io\/kustomize\/kustomize\/v5 (\S+) /m;
    const [, version] = module.exec(readFileSync(join(root, 'test/cluster/go.sum'), 'utf8')) ?? [];
    expect(install?.at(-1)).toBe(`sigs.k8s.io/kustomize/kustomize/v5@${version}`);
  });

  it('copies files that are there and that it is given', () => {
    const copied = all('COPY')
      .filter(([first]) => !first?.startsWith('--from='))
      .flatMap((paths) => paths.slice(0, -1));
    expect(copied).toContain('reconciler');
    expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    expect(copied.filter((path) => !ignored.includes(`!${path}`))).toEqual([]);
  });

  it('runs scripts that it has copied', () => {
    const scripts = all('RUN').flatMap((words) => words.filter((word) => word.endsWith('.ts')));
    expect(scripts).toEqual(['scripts/bundle.ts']);
    expect(all('COPY').flat()).toEqual(expect.arrayContaining(scripts));
  });

  it('starts Node as the bench does', () => {
    const [entry] = lines.filter((line) => line.startsWith('ENTRYPOINT '));
    const words = JSON.parse(entry?.slice('ENTRYPOINT '.length) ?? '') as string[];
    expect(words).toEqual(['node', ...RUNTIME.flags, '/app/weka-gitops.mjs']);
    const env = all('ENV').flat();
    expect(env).toEqual(
      expect.arrayContaining(Object.entries(RUNTIME.env).map(([name, value]) => `${name}=${value}`)),
    );
    expect(env).toContain('NODE_COMPILE_CACHE=/app/compiled');
  });

  it('runs as a number that is not root, and is compiled as the same', () => {
    const [builder, user] = all('USER').flat();
    expect(user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(builder).toBe(user);
    const order = lines.map((line) => line.split(' ').slice(0, 3).join(' '));
    expect(order.indexOf('RUN node scripts/bundle.ts')).toBeGreaterThan(order.indexOf(`USER ${builder}`));
    // The copy belongs to root, so that the program cannot change itself.
    expect(lines).toContain('RUN node scripts/bundle.ts /app && chmod -R a+rX /app');
    expect(lines).toContain('COPY --from=build /app /app');
  });
});
