import { lookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { BlockList, type LookupFunction } from 'node:net';

/**
 * Addresses that mean this machine, its own network segment or the metadata service of a cloud, to which no name of the outside leads
 * by right.
 */
const INWARD = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  // Metadata of Alibaba Cloud.
  ['100.100.100.200', 32],
] as const) {
  INWARD.addSubnet(net, bits, 'ipv4');
  // As a network of IPv6 alone has it.
  INWARD.addSubnet(`64:ff9b::${net}`, 96 + bits, 'ipv6');
}
// Metadata of AWS.
INWARD.addAddress('fd00:ec2::254', 'ipv6');
INWARD.addAddress('::', 'ipv6');
INWARD.addAddress('::1', 'ipv6');
INWARD.addSubnet('fe80::', 10, 'ipv6');

function isInward(address: string, family: number): boolean {
  return INWARD.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/** A name led to an address that it must not lead to. */
export class InwardAddressError extends Error {
  readonly host: string;
  readonly address: string;

  constructor(host: string, address: string) {
    super(`${host} leads to ${address}`);
    this.name = new.target.name;
    this.host = host;
    this.address = address;
  }
}

/** Finds all addresses of a name, as `lookup` of node:dns does. */
export type Resolve = (
  host: string,
  options: LookupAllOptions,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Looks names up, and refuses one that leads inward: who answers for the name would choose what this process asks there. A host that is
 * written as an address is not looked up, and `localhost` says itself what it is.
 */
export function guardedLookup(resolve: Resolve = lookup): LookupFunction {
  return (host, options, done) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        done(error, '', 0);
        return;
      }
      const inward = addresses.find(({ address, family }) => isInward(address, family));
      const [first] = addresses;
      if (inward !== undefined && host !== 'localhost') {
        done(new InwardAddressError(host, inward.address), '', 0);
      } else if (options.all === true || first === undefined) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}
