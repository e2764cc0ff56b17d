import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, afterAll } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import type { BillOfMaterials } from '../../scripts/bill-of-materials.ts';
import { scratchFolder } from '../cluster/scratch.ts';
import { builtImage } from './built-image.ts';
import { faultsOfBill } from './cyclonedx.ts';
import { type Entry, readBuiltImage, runIn, unpack } from './rootfs.ts';

// No timeout cuts off a first build here.
const image = await readBuiltImage(await builtImage());
const { config, entries } = image;
const paths = new Set(entries.map(({ path }) => path));

const NOBODY = 65532;
let root: string;

beforeAll(async () => {
  root = await scratchFolder(afterAll);
  await unpack(image, root);
}, 120_000);

describe('the image', () => {
  it('starts the reconciler as a number that is not root, wherever it is told nothing else', () => {
    expect(config).toMatchObject({ User: `${NOBODY}:${NOBODY}`, Entrypoint: ['weka-gitops'], Cmd: ['run'] });
  });

  it('holds nothing by which somebody becomes another user', () => {
    const raised = entries.filter(({ mode }) => mode.startsWith('-') && /s/i.test(mode.slice(1)));
    expect(raised).toEqual([]);
  });

  it('belongs to root, whom nobody else may stand in for, save the folder of the clone', () => {
    const isOpen = ({ mode, owner }: Entry) =>
      !mode.startsWith('l') && ((mode[8] === 'w' && mode[9] !== 't') || owner.startsWith(`${NOBODY}/`));
    expect(entries.filter(isOpen).map(({ path }) => path)).toEqual(['/cache/']);
  });

  it('holds neither secrets nor what it was built with', () => {
    const unwanted =
      /^\/(source|system|mnt\/.|root\/.|tmp\/.|var\/(cache|log)\/.|var\/lib\/apt\/lists\/.|etc\/(nvme\/host|ssh\/|ssl\/private\/.))|\/(\.npmrc|\.git|node_modules|npm|go|id_[a-z0-9]+|[^/]*\.kubeconfig)$/;
    expect([...paths].filter((path) => unwanted.test(path))).toEqual([]);
  });

  it.each([
    'blkid',
    'gdisk',
    'kmod',
    'kustomize',
    'lsblk',
    'modprobe',
    'node',
    'nvme',
    'sgdisk',
    'wipefs',
    'weka-gitops',
    'weka-nodeagent',
  ])('has %s where it is looked for', async (program) => {
    const found = await runIn(root, image, NOBODY, ['sh', '-c', 'command -v "$0"', program]);
    expect(found).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('takes no more room than it has to', async () => {
    const sizes = await Promise.all(image.layers.map(async (layer) => (await stat(layer)).size));
    const sum = sizes.reduce((one, other) => one + other, 0);
    expect(sum / 2 ** 20).toBeLessThan(280);
    const own = entries
      .filter(({ path }) => path.startsWith('/app/'))
      .reduce((bytes, { bytes: more }) => bytes + more, 0);
    expect(own / 2 ** 20).toBeLessThan(24);
  });
});

describe.each([
  ['weka-gitops', 0],
  ['weka-gitops', NOBODY],
  ['weka-nodeagent', 0],
  ['weka-nodeagent', NOBODY],
])('%s in the image, as %i', (program, user) => {
  it('runs, with what Node compiled before', async () => {
    const told = await runIn(root, image, user, [program, '--version'], {
      NODE_DEBUG_NATIVE: 'COMPILE_CACHE',
    });
    expect(told.exitCode).toBe(0);
    const said = `${told.stdout}\n${told.stderr}`;
    expect(said).toContain(`${program} ${packageJson.version}\n`);
    expect(said).toContain(`/app/${program}.mjs was accepted`);
    expect(said).not.toMatch(/was rejected|writing cache/);
  });

  it('is started with the memory settings that it was measured with', async () => {
    const script = await runIn(root, image, user, ['cat', `/app/bin/${program}`]);
    expect(script.stdout).toMatch(/^export MALLOC_ARENA_MAX=1 .* NODE_COMPILE_CACHE=\/app\/compiled$/m);
    expect(script.stdout).toContain(`\nexec node --max-semi-space-size=1 /app/${program}.mjs "$@"\n`);
  });
});

describe('the bill of materials in the image', () => {
  let bill: BillOfMaterials;

  beforeAll(async () => {
    const { stdout } = await promisify(execFile)('cat', [join(root, 'app/sbom.cdx.json')], {
      maxBuffer: 2 ** 26,
    });
    bill = JSON.parse(stdout) as BillOfMaterials;
  });

  it('is what CycloneDX says that one is', async () => {
    expect(await faultsOfBill(bill)).toEqual([]);
  });

  it('names every Debian package that is installed', async () => {
    const format = '${Status}\t${Package}@${Version}\n';
    const { stdout } = await runIn(root, image, 0, ['dpkg-query', '--show', `--showformat=${format}`]);
    const installed = stdout
      .split('\n')
      .flatMap((line) => /^install ok installed\t(.*)$/.exec(line)?.slice(1) ?? []);
    expect(installed.length).toBeGreaterThan(80);
    const named = bill.components.filter(({ purl }) => purl?.startsWith('pkg:deb/debian/'));
    expect(named.map(({ name, version }) => `${name}@${version}`).toSorted()).toEqual(installed.toSorted());
  });

  it('names Node, kustomize and what is bundled, by licence', () => {
    const { node } = packageJson.devDependencies;
    const names = new Map(bill.components.map((component) => [component['bom-ref'], component]));
    expect(names.has(`pkg:generic/node@${node}`)).toBe(true);
    expect(names.has('pkg:golang/sigs.k8s.io/kustomize/kustomize/v5@v5.8.1')).toBe(true);
    expect(names.get(`zod@${packageJson.dependencies.zod}`)?.licenses).toEqual([{ license: { id: 'MIT' } }]);
    expect(bill.metadata.component).toMatchObject({ name: 'weka-gitops', version: packageJson.version });
  });
});
