import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

const root = join(import.meta.dirname, '../..');
const lines = (await readFile(join(root, 'Dockerfile'), 'utf8')).replaceAll(/\\\n\s*/g, '').split('\n');
const ignored = (await readFile(join(root, '.dockerignore'), 'utf8')).split('\n');

/** The arguments of each instruction of one name. */
function all(instruction: string): readonly string[][] {
  return lines.filter((line) => line.startsWith(`${instruction} `)).map((line) => line.split(/\s+/).slice(1));
}

describe('the Dockerfile', () => {
  it('builds and runs on the base that it is given, by default with the Node that the tests run on', () => {
    const given = Object.fromEntries(all('ARG').map(([argument = '']) => argument.split('=')));
    expect(given).toEqual({
      BASE: `node:${packageJson.devDependencies.node}-bookworm-slim`,
      GO: expect.stringMatching(/^golang:1\.26-/),
    });
    expect(all('FROM').map(([base]) => base)).toEqual(['${GO}', '${BASE}', '${BASE}', 'system']);
  });

  it('brings the kustomize that is within the kubectl of the tests', () => {
    const [install] = all('RUN').filter((words) => words.includes('install'));
    const module = /^sigs\.k8s\.io\/kustomize\/kustomize\/v5 (\S+) /m;
    const [, version] = module.exec(readFileSync(join(root, 'test/cluster/go.sum'), 'utf8')) ?? [];
    expect(install).toContain(`sigs.k8s.io/kustomize/kustomize/v5@${version}`);
  });

  it('copies files that are there and that it is given', () => {
    const copied = all('COPY')
      .filter(([first]) => !first?.startsWith('--from='))
      .flatMap((paths) => paths.slice(0, -1));
    expect(copied).toContain('reconciler');
    expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const given = (path: string) =>
      ignored.some((line) => line === `!${path}` || line.startsWith(`!${path}/`));
    expect(copied.filter((path) => !given(path))).toEqual([]);
  });

  it('runs scripts that it has copied, with all that they import', () => {
    const scripts = all('RUN').flatMap((words) => words.filter((word) => word.endsWith('.ts')));
    expect(scripts).toEqual(['scripts/image.ts']);
    const copied = ignored.filter((line) => line.startsWith('!scripts/')).map((line) => line.slice(1));
    const imported = copied.flatMap((script) => {
      const text = readFileSync(join(root, script), 'utf8');
      return [...text.matchAll(/ from '\.\/(.+\.ts)'/g)].map(([, name]) => `scripts/${name}`);
    });
    expect(copied).toEqual(expect.arrayContaining([...scripts, ...imported]));
  });

  it('runs as a number that is not root, with the programs where they were compiled', () => {
    expect(all('USER').flat()).toEqual(['65532:65532']);
    // The copy belongs to root, so that the program cannot change itself.
    expect(lines).toContain('COPY --from=build /app /app');
    expect(all('ENV').flat()).toContainEqual(expect.stringMatching(/^PATH=\/app\/bin:/));
    expect(lines).toContain('ENTRYPOINT ["weka-gitops"]');
  });
});
