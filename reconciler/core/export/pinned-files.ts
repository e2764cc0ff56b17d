import { DRIVERS_PATH, type DriverPackage } from '../../../schemas/drivers/package.ts';
import type { PinnedPackage } from '../drivers/lock.ts';

/** Where the bytes of a package can be had: through the API server from a Service of the cluster, or from an address. */
export type PackageSource =
  | { readonly kind: 'service'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'address'; readonly url: string; readonly serverName?: string };

/** A file of a mirror, and all that is known of where it comes from. */
export interface PinnedFile {
  readonly package: DriverPackage;
  /** The distribution services that it is pinned for. */
  readonly services: readonly string[];
  /** Tried in this order. */
  readonly sources: readonly PackageSource[];
  /** Services that have other bytes under this name, which have no place in the same folder. */
  readonly others?: readonly string[];
}

/** Which of the pinned packages are meant; all where nothing is set. */
interface PinnedChoice {
  readonly version?: string | undefined;
  readonly service?: string | undefined;
  /** An address that has all of them, in place of every other source. */
  readonly from?: string | undefined;
}

/** The packages of a lock, each once, whichever services it is pinned for, by their files. */
export function pinnedFiles(
  lock: readonly PinnedPackage[],
  choice: PinnedChoice = {},
): readonly PinnedFile[] {
  const meant = lock.filter(
    ({ service, package: about }) =>
      (choice.version ?? about.version) === about.version && (choice.service ?? service) === service,
  );
  const byName = Map.groupBy(meant, ({ package: { file } }) => file);
  const byBytes = Map.groupBy(meant, ({ package: { file, sha256 } }) => `${file} ${sha256}`);
  return [...byBytes.values()]
    .flatMap((pins) => {
      const [first] = pins;
      if (first === undefined) return [];
      const sources = pins.flatMap((pin) => sourcesOf(pin, choice.from));
      const once = new Map(sources.map((source) => [JSON.stringify(source), source]));
      const services = pins.map(({ service }) => service).toSorted();
      const { file, sha256 } = first.package;
      const others = (byName.get(file) ?? [])
        .filter((each) => each.package.sha256 !== sha256)
        .map(({ service }) => service)
        .toSorted();
      return [
        {
          package: first.package,
          services,
          sources: [...once.values()],
          ...(others.length === 0 ? {} : { others }),
        },
      ];
    })
    .toSorted((a, b) => (a.package.file < b.package.file ? -1 : 1));
}

function sourcesOf(
  { service, package: { file }, origin }: PinnedPackage,
  from?: string,
): readonly PackageSource[] {
  const [, namespace, name] = /^([a-z0-9-]+)\/([a-z0-9-]+)$/.exec(service) ?? [];
  const isService = namespace !== undefined && name !== undefined;
  if (from !== undefined) {
    // What a port of this machine is forwarded to has a certificate for its own name.
    const serverName = isService ? { serverName: `${name}.${namespace}.svc.cluster.local` } : {};
    return [{ kind: 'address', url: fileUrl(from, file), ...serverName }];
  }
  return [
    ...(isService ? [{ kind: 'service', namespace, name } as const] : []),
    ...(origin.kind === 'registry' ? [{ kind: 'address', url: origin.url } as const] : []),
    ...(/^https?:\/\//.test(service) ? [{ kind: 'address', url: fileUrl(service, file) } as const] : []),
  ];
}

function fileUrl(base: string, file: string): string {
  return `${base.replace(/\/+$/, '')}${DRIVERS_PATH}/${file}`;
}
