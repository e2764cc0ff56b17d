/** What an image is made of, in CycloneDX: what npm knows of the bundled packages, with all else that runs. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Metafile } from 'esbuild';
import packageJson from '../package.json' with { type: 'json' };

const root = fileURLToPath(new URL('..', import.meta.url));

/** The fields that are read or written here; npm writes more into a component, and they stay. */
export interface Component {
  readonly 'bom-ref': string;
  readonly type: 'application' | 'library' | 'operating-system';
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly licenses?: readonly object[];
}

export interface BillOfMaterials {
  readonly $schema: string;
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: string;
  readonly version: number;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

export interface Materials {
  /** What esbuild says of each bundled program. */
  readonly programs: readonly Metafile[];
  /** The version of Node. */
  readonly node: string;
  /** The image's `/etc/os-release`. */
  readonly osRelease: string;
  /** The image's `/var/lib/dpkg/status`. */
  readonly dpkgStatus: string;
  /** What `go version -m` says of the programs in Go. */
  readonly goModules: string;
}

/** The bill of an image. Of the same materials it is the same: no date and no number of chance stands in it. */
export async function billOfMaterials(materials: Materials): Promise<BillOfMaterials> {
  const { $schema, bomFormat, specVersion, version, metadata, components, dependencies } = await npmBill();
  const bundled = await bundledPackages(materials.programs);
  const system = [
    runtimeOf(materials.node),
    operatingSystem(materials.osRelease),
    ...debianPackages(materials.dpkgStatus, materials.osRelease),
    ...goModules(materials.goModules),
  ];
  const own = metadata.component;
  const packages = components.filter((component) => bundled.delete(component['bom-ref']));
  if (bundled.size > 0)
    throw new Error(`npm does not know of ${[...bundled].join(', ')}, which are bundled.`);

  const all = [...packages, ...system];
  const known = new Set([own, ...all].map((component) => component['bom-ref']));
  const among = dependencies
    .filter(({ ref }) => known.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => known.has(other)) }));
  return {
    $schema,
    bomFormat,
    specVersion,
    version,
    metadata: { component: { ...own, type: 'application', name: packageJson.name } },
    components: all,
    dependencies: among,
  };
}

/** npm's own bill, from the lock file: of every package, needed for building or not. It leaves some out when asked for fewer. */
async function npmBill(): Promise<BillOfMaterials> {
  const args = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx'];
  const { stdout } = await promisify(execFile)('npm', args, { cwd: root, maxBuffer: 64 * 2 ** 20 });
  return JSON.parse(stdout) as BillOfMaterials;
}

/** `NAME@VERSION` of each package of which a program holds anything. */
async function bundledPackages(programs: readonly Metafile[]): Promise<Set<string>> {
  interface Lock {
    readonly packages: Readonly<Record<string, { readonly version: string }>>;
  }
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as Lock;
  const found = new Set<string>();
  for (const path of programs.flatMap(bundledFiles)) {
    const [folder, name] = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)(?=\/)/.exec(path) ?? [];
    if (folder === undefined) continue;
    // A plugin's name may stand before the path, and the path be a whole one.
    const entry = lock.packages[folder.slice(folder.indexOf('node_modules/'))];
    if (entry === undefined) throw new Error(`${path} is bundled, and package-lock.json has no ${name}.`);
    found.add(`${name}@${entry.version}`);
  }
  return found;
}

/** Those files of which something is left after what nobody uses was dropped. */
function bundledFiles({ outputs }: Metafile): string[] {
  return Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => path),
  );
}

function runtimeOf(version: string): Component {
  const purl = `pkg:generic/node@${version}`;
  const licenses = [{ license: { id: 'MIT' } }];
  return { 'bom-ref': purl, type: 'application', name: 'node', version, purl, licenses };
}

function operatingSystem(osRelease: string): Component {
  const { id, version } = distribution(osRelease);
  return { 'bom-ref': `${id}-${version}`, type: 'operating-system', name: id, version };
}

/** Each package that is installed, as dpkg has noted it. */
function debianPackages(dpkgStatus: string, osRelease: string): Component[] {
  const { id, version: release } = distribution(osRelease);
  const field = (stanza: string, name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1] ?? '';
  return dpkgStatus
    .split(/\n{2,}/)
    .filter((stanza) => /^Status: \S+ \S+ installed$/m.test(stanza))
    .map((stanza): Component => {
      const [name, version] = [field(stanza, 'Package'), field(stanza, 'Version')];
      const query = `arch=${field(stanza, 'Architecture')}&distro=${id}-${release}`;
      const purl = `pkg:deb/${id}/${encodeURIComponent(name)}@${encodeURIComponent(version)}?${query}`;
      return { 'bom-ref': purl, type: 'library', name, version, purl };
    });
}

function distribution(osRelease: string): { readonly id: string; readonly version: string } {
  const value = (name: string) => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(osRelease)?.[1];
  return { id: value('ID') ?? 'linux', version: value('VERSION_ID') ?? 'unknown' };
}

/** Of lines as `dep sigs.k8s.io/yaml v1.6.0 h1:…`; where a module was replaced, the line after it says by what. */
function goModules(text: string): Component[] {
  const rows = text.split('\n').map((line) => line.trim().split(/\s+/));
  return rows.flatMap(([is, name = '', version = ''], index): Component[] => {
    const replaced = rows[index + 1]?.[0] === '=>';
    if (!(is === 'mod' || is === 'dep' || is === '=>') || replaced) return [];
    const purl = `pkg:golang/${name}@${version}`;
    return [{ 'bom-ref': purl, type: is === 'mod' ? 'application' : 'library', name, version, purl }];
  });
}
