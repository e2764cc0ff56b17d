import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { debianRoot } from '../tools/debian/debian-root.ts';
import { type NpmPackage, npmPackage } from './npm-package.ts';
import { addImage, addLayer, createLayout, type Descriptor } from './oci-layout.ts';

/** As debootstrap has them, with what the official image of Node needs. */
export const BASE_PACKAGES = ['?essential', 'apt', 'mount', 'tzdata', 'usr-is-merged'];

/** The npm that is in the base, by which the packages are installed. */
export const NPM: NpmPackage = {
  name: 'npm',
  version: '11.19.1',
  sha512: 'ztsxKxt/kkIaAs+2i0GU6I+DRmUdrNasxTZKJe9TCdSjKxlhah/4r/hl5ygMD6XAg1qZ9c2TNomR4qgOydp10g==',
};

/** Where what the machine gives to a build is seen in it. */
export const GIVEN = '/mnt';

const checkout = join(import.meta.dirname, '../..');
const run = promisify(execFile);
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Writes two images to a layout: `base`, Debian with Node and npm as the official image of Node is, and `go`, which has the
 * machine's own Go. Both are made of packages that Debian and npm publish.
 */
export async function writeBaseImages(
  layout: string,
  scratch: string,
  report: (line: string) => void,
): Promise<void> {
  await createLayout(layout);
  const root = await debianRoot({ name: 'image-base', packages: BASE_PACKAGES, report });
  const added = join(scratch, 'added');
  await addToDebian(root, added);
  const layers = [await tarLayer(layout, root, scratch), await tarLayer(layout, added, scratch)];
  await rm(added, { recursive: true });
  await addImage(layout, 'base', layers, { Env: [`PATH=${PATH}`] });
  await addImage(layout, 'go', layers, { Env: await goEnvironment() });
}

/** A hash of all that decides what the bases hold. */
export async function hashBase(): Promise<string> {
  const { version } = process;
  const hash = createHash('sha256').update(JSON.stringify([process.arch, version, await goEnvironment()]));
  return hash
    .update(await readFile(import.meta.filename))
    .digest('hex')
    .slice(0, 16);
}

/** Makes a layer of a folder. */
export async function tarLayer(layout: string, folder: string, scratch: string): Promise<Descriptor> {
  const tar = join(scratch, 'layer.tar');
  const same = ['--sort=name', '--mtime=@0', '--numeric-owner'];
  await run('tar', ['--create', `--file=${tar}`, ...same, `--directory=${folder}`, '.']);
  return addLayer(layout, tar);
}

/** What the scripts of the packages would have made, had they run, and Node. */
async function addToDebian(root: string, added: string): Promise<void> {
  const put = async (path: string, text: string) => {
    await mkdir(join(added, path, '..'), { recursive: true });
    await writeFile(join(added, path), text);
  };
  const master = async (name: string) => readFile(join(root, `usr/share/base-passwd/${name}.master`), 'utf8');
  await put('etc/passwd', `${await master('passwd')}_apt:*:42:65534::/nonexistent:/usr/sbin/nologin\n`);
  await put('etc/group', await master('group'));
  await put('etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n');
  await put('etc/apt/sources.list.d/debian.sources', sources());
  const status = await readFile(join(root, 'var/lib/dpkg/status'), 'utf8');
  await put('var/lib/dpkg/status', status.replaceAll(/^Status: .*$/gm, 'Status: install ok installed'));
  await mkdir(join(added, 'usr/bin'), { recursive: true });
  await symlink('mawk', join(added, 'usr/bin/awk'));

  const local = join(added, 'usr/local');
  await mkdir(join(local, 'bin'), { recursive: true });
  await copyFile(join(checkout, 'node_modules/node/bin/node'), join(local, 'bin/node'));
  const npm = join(local, 'lib/node_modules/npm');
  await cp(await npmPackage(NPM), npm, { recursive: true });
  await writeFile(join(npm, 'npmrc'), await npmSettings());
  for (const name of ['npm', 'npx'])
    await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(local, 'bin', name));
}

function sources(): string {
  const mirror = (process.env['WEKA_GITOPS_DEBIAN'] || 'http://deb.debian.org').replace(/\/+$/, '');
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const stanza = (folder: string, suites: string) =>
    `Types: deb\nURIs: ${mirror}/${folder}\nSuites: ${suites}\nComponents: main\nSigned-By: ${keyring}\n`;
  return `${stanza('debian', 'bookworm bookworm-updates')}\n${stanza('debian-security', 'bookworm-security')}`;
}

/** Where this machine's npm gets packages from, and what it has of them already. Not who it says it is. */
async function npmSettings(): Promise<string> {
  const { stdout } = await run('npm', ['config', 'list', '--json'], { cwd: checkout });
  const machine = JSON.parse(stdout) as Readonly<Record<string, unknown>>;
  const taken = ['registry', 'proxy', 'https-proxy', 'noproxy'].flatMap((name) => {
    const value = machine[name];
    return typeof value === 'string' && value !== '' ? [`${name}=${value}`] : [];
  });
  return [...taken, `cache=${GIVEN}/npm`, `cafile=${GIVEN}/authorities.pem`, 'prefer-offline=true', ''].join(
    '\n',
  );
}

/** Go is seen where the machine's own is given to the build, with the modules and packages that it has. */
async function goEnvironment(): Promise<string[]> {
  const { stdout } = await run('go', ['env', '-json', 'GOPROXY', 'GOSUMDB', 'GONOSUMDB', 'GOPRIVATE']);
  const machine = JSON.parse(stdout) as Readonly<Record<string, string>>;
  return [
    `PATH=${GIVEN}/go/bin:${PATH}`,
    'GOTOOLCHAIN=local',
    `GOMODCACHE=${GIVEN}/go-modules`,
    `GOCACHE=${GIVEN}/go-build`,
    `SSL_CERT_FILE=${GIVEN}/authorities.pem`,
    ...Object.entries(machine).map(([name, value]) => `${name}=${value}`),
  ];
}
