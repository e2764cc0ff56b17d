/** A line of a mountinfo. */
export interface Mount {
  readonly mountPoint: string;
  readonly fileSystem: string;
}

/** The mounts in their order. Lines that are none are left out: they cannot be asked for. */
export function parseMountInfo(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.split(' ');
    // Options of varying number stand before a lone hyphen.
    const hyphen = fields.indexOf('-', 6);
    const mountPoint = fields[4];
    const fileSystem = fields[hyphen + 1];
    if (hyphen === -1 || mountPoint === undefined || fileSystem === undefined || fileSystem === '') return [];
    return [{ mountPoint: unescaped(mountPoint), fileSystem: unescaped(fileSystem) }];
  });
}

/** The mount that a folder is on: the innermost, and of those at one place the last, which covers the others. */
export function mountOf(folder: string, mounts: readonly Mount[]): Mount | undefined {
  let best: Mount | undefined;
  for (const mount of mounts) {
    if (!isWithin(folder, mount.mountPoint)) continue;
    if (best === undefined || mount.mountPoint.length >= best.mountPoint.length) best = mount;
  }
  return best;
}

function isWithin(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}

/** The kernel writes what would end a field, and the backslash itself, as three octal digits. */
function unescaped(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
