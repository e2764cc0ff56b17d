import { arch } from 'node:os';

const architectures = {
  x64: { debian: 'amd64', triplet: 'x86_64-linux-gnu', loader: '/lib64/ld-linux-x86-64.so.2' },
  arm64: { debian: 'arm64', triplet: 'aarch64-linux-gnu', loader: '/lib/ld-linux-aarch64.so.1' },
};

/** What Debian calls this machine's architecture. */
export function debianArchitecture(): string {
  return here().debian;
}

/** Where programs of this architecture find their loader, and the loader their libraries. */
export function loaderAndLibraries(): { readonly loader: string; readonly libraries: readonly string[] } {
  const { loader, triplet } = here();
  return { loader, libraries: [`/usr/lib/${triplet}`, '/usr/lib'] };
}

function here() {
  const found = Object.entries(architectures).find(([name]) => name === arch());
  if (found === undefined)
    throw new Error(`Debian packages are used here on x64 and arm64, not on ${arch()}.`);
  return found[1];
}
