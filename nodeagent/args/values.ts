import { UsageError } from '../errors.ts';
import type { Address } from './command.ts';

export const HINT = { hint: 'weka-nodeagent help lists the commands and their options.' };

/** The name of a node that stands at `where`; throws where it cannot be one. */
export function nodeName(where: string, name: string): string {
  if (/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(name)) return name;
  throw new UsageError(`${where} ${JSON.stringify(name)} is no name of a node.`, {
    hint: 'It is the name that kubectl shows: lower-case letters, digits, hyphens and dots.',
  });
}

export function namespaceName(name: string): string {
  if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) return name;
  throw new UsageError(`--namespace ${JSON.stringify(name)} is no name of a namespace.`, HINT);
}

export function addressOf(listen: string, example: string): Address {
  const [, ipv6, name, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(listen) ?? [];
  const host = ipv6 ?? name;
  const port = Number(digits);
  if (host !== undefined && port <= 65_535) return { host, port };
  throw new UsageError(`--listen ${JSON.stringify(listen)} is no HOST:PORT.`, { hint: example });
}

/** The path that stands at `where`; throws where it is not the whole of one. */
export function wholePath(where: string, path: string, hint: string): string {
  if (path.startsWith('/')) return path;
  throw new UsageError(`${where} ${JSON.stringify(path)} does not begin with /.`, { hint });
}

export function outputOf(output: string): 'text' | 'json' {
  if (output === 'text' || output === 'json') return output;
  throw new UsageError(`--output ${JSON.stringify(output)} is not known.`, { hint: 'It is text or json.' });
}
