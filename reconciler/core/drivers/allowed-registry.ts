/** Where the vendor has ready packages: the only registry that takes no word of the configuration. */
export const VENDOR_REGISTRY = 'https://drivers.weka.io';

/** Why packages may not come from an address, and what to do about it. */
export interface RegistryRefusal {
  readonly why: string;
  readonly hint: string;
}

/** Registries that the process's configuration names; the vendor's where it is unset. */
type Allowed = readonly string[] | undefined;

/**
 * Whether packages of drivers may come from this address. What is seen there first is trusted for good, so that it has to be
 * named as it is, with its scheme, its port and its path.
 */
export function isAllowedRegistry(registry: string, allowed: Allowed): boolean {
  const base = baseOf(registry);
  return base !== undefined && namedBases(allowed).includes(base);
}

/** Whether a registry may lead to this address of another host: it is at or below one that packages may come from. */
export function isWithinRegistries(url: URL, allowed: Allowed): boolean {
  const base = baseOf(`${url.protocol}//${credentials(url)}${url.host}${url.pathname}`);
  // Some servers take an encoded slash for one, and so climb out of the folder.
  if (base === undefined || /%(2f|5c)/i.test(url.pathname)) return false;
  return namedBases(allowed).some((named) => base === named || base.startsWith(`${named}/`));
}

/** Why packages of drivers may not come from this address; undefined where they may. */
export function registryRefusal(registry: string, allowed: Allowed): RegistryRefusal | undefined {
  if (isAllowedRegistry(registry, allowed)) return undefined;
  const address = shown(registry);
  if (baseOf(registry) === undefined) {
    return isWeb(registry)
      ? {
          why: `The address ${address} is written with a user, a query or a fragment, which that of a registry of drivers must not have.`,
          hint: 'Write it without them.',
        }
      : {
          why: 'The registry of drivers is no web address.',
          hint: 'Write one that begins with https://.',
        };
  }
  const secure = address.replace(/^http:/, 'https:');
  if (secure !== address && isAllowedRegistry(secure, allowed)) {
    return {
      why: `Packages of drivers may come from there only with TLS: ${address} has none, so that whoever is on the way would decide what nodes load.`,
      hint: `Write ${secure}.`,
    };
  }
  if (allowed === undefined) {
    return {
      why: `Packages of drivers may not come from ${address}: while ceilings.driverRegistries of the configuration is unset, they come from ${VENDOR_REGISTRY} and from Services that the repository makes.`,
      hint: `Name ${address} in ceilings.driverRegistries of the configuration if nodes may load what is there, and ${VENDOR_REGISTRY} beside it where that is used too.`,
    };
  }
  const few = allowed.slice(0, 4).map(shown).join(', ');
  return {
    why: `Packages of drivers may not come from ${address}: ceilings.driverRegistries of the configuration does not name it.`,
    hint:
      few === ''
        ? `Add ${address} to ceilings.driverRegistries of the configuration if nodes may load what is there.`
        : `Name one of ${few}, or add ${address} there if nodes may load what is there.`,
  };
}

function namedBases(allowed: Allowed): readonly string[] {
  return (allowed ?? [VENDOR_REGISTRY]).flatMap((each) => baseOf(each) ?? []);
}

/** An address without what may be a password. */
function shown(address: string): string {
  if (!URL.canParse(address)) return 'The address';
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}${pathname.replace(/\/+$/, '')}`;
}

/** One spelling for all that lead to the same place; undefined for what is no web address, or holds more than one. */
function baseOf(address: string): string | undefined {
  if (!isWeb(address)) return undefined;
  const url = new URL(address);
  return credentials(url) + url.search + url.hash === '' ? shown(address) : undefined;
}

function isWeb(address: string): boolean {
  return URL.canParse(address) && /^https?:$/.test(new URL(address).protocol);
}

function credentials({ username, password }: URL): string {
  return username === '' && password === '' ? '' : `${username}:${password}@`;
}
