/** Which archives packages are taken from. Each has updates and security fixes with it. */
export type Sources = 'bookworm' | 'bookworm-backports';

/** What the archives are signed by. */
export const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** How apt-get is asked for packages with what they depend on. */
export const INSTALL = ['install', '--yes', '--no-install-recommends'] as const;

/** The list of archives, as apt reads it. `WEKA_GITOPS_DEBIAN` is the address of a mirror that has `debian` and `debian-security`. */
export function sourceList(sources: Sources): string {
  const mirror = (process.env['WEKA_GITOPS_DEBIAN'] || 'http://deb.debian.org').replace(/\/+$/, '');
  const suites =
    sources === 'bookworm' ? 'bookworm bookworm-updates' : 'bookworm bookworm-updates bookworm-backports';
  const stanza = (uri: string, from: string) =>
    `Types: deb\nURIs: ${mirror}/${uri}\nSuites: ${from}\nComponents: main\nSigned-By: ${KEYRING}\n`;
  return `${stanza('debian', suites)}\n${stanza('debian-security', 'bookworm-security')}`;
}
