import { parseArgs } from 'node:util';
import { UsageError } from './errors.ts';

export type Command =
  | { readonly verb: 'help' }
  | { readonly verb: 'version' }
  | {
      readonly verb: 'observe';
      /** Folder where the root of the host is. */
      readonly root: string;
      /** Name of the node; the host's own where unset. */
      readonly node?: string;
      readonly output: 'text' | 'json';
    }
  | {
      readonly verb: 'run';
      readonly root: string;
      /** As for `observe`. */
      readonly node?: string;
      /** Where the ConfigMaps of nodes are; the namespace of the pod or the kubeconfig where unset. */
      readonly namespace?: string;
      readonly kubeconfig?: string;
      /** Where probes are answered; nowhere where unset. */
      readonly listen?: Address;
    };

export interface Address {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
}

/** Only from the node itself, on a port that nobody else is known to use there. */
const LISTEN = '127.0.0.1:14299';

export const USAGE = `weka-nodeagent tells what a node is, for WEKA storage on Kubernetes.

Usage: weka-nodeagent COMMAND [OPTIONS]

  observe   print what there is of this host: kernel, modules, huge pages, CPUs, disks, network.
            It only reads, and says of everything that it could not read why.
    --root DIR           folder where the root of the host is mounted; / where unset
    --node NAME          name of the node in the cluster; the host's own where unset
    --output FORMAT      text or json, which is the report as the cluster gets it

  run       observe when the host or what is asked of it changes, and now and then, and write a report to
            the ConfigMap weka-node-report-NODE where it differs from the last; SIGTERM ends it
    --root DIR           as above
    --node NAME          as above; the environment's NODE_NAME where unset
    --namespace NAME     where the ConfigMaps are; that of the pod, or of the kubeconfig, where unset
    --kubeconfig FILE    how to reach the cluster; KUBECONFIG, or the pod's account, where unset
    --listen HOST:PORT   where /livez and /readyz are answered; ${LISTEN} where unset, nowhere where empty.
                         It lives while its loops turn, and is ready while what the cluster holds is what was
                         seen lately

  help      print this
  version   print the version

Exit codes: 0 the report was printed or the run was ended, 2 trouble. Where something on the host never answers, the
report says so, and the process ends by a signal.
`;

const HINT = { hint: 'weka-nodeagent help lists the commands and their options.' };

const OPTIONS = {
  root: { type: 'string' },
  node: { type: 'string' },
  output: { type: 'string' },
  namespace: { type: 'string' },
  kubeconfig: { type: 'string' },
  listen: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** The command that `argv` (without node and script) asks for; throws a UsageError that says what to write instead. */
export function parseCommand(argv: readonly string[]): Command {
  const [verb, ...args] = argv;
  if (verb === undefined || verb === 'help' || verb === '--help' || verb === '-h') return { verb: 'help' };
  if (verb === 'version' || verb === '--version') return { verb: 'version' };
  if (verb !== 'observe' && verb !== 'run') {
    throw new UsageError(`There is no command ${JSON.stringify(verb)}.`, HINT);
  }
  const given = optionsOf(args);
  if (given.help === true) return { verb: 'help' };
  const { root = '/', node, output = 'text', namespace, kubeconfig, listen } = given;
  if (!root.startsWith('/')) {
    throw new UsageError(`--root ${JSON.stringify(root)} does not begin with /.`, {
      hint: 'Give the whole path of the folder where the root of the host is mounted.',
    });
  }
  const where = { root, ...(node === undefined ? {} : { node: nodeName('--node', node) }) };
  if (verb === 'observe') {
    refuse(verb, { namespace, kubeconfig, listen });
    if (output === 'text' || output === 'json') return { verb, ...where, output };
    throw new UsageError(`--output ${JSON.stringify(output)} is not known.`, { hint: 'It is text or json.' });
  }
  refuse(verb, { output: given.output });
  if (namespace !== undefined && !/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace)) {
    throw new UsageError(`--namespace ${JSON.stringify(namespace)} is no name of a namespace.`, HINT);
  }
  return {
    verb,
    ...where,
    ...(namespace === undefined ? {} : { namespace }),
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(listen === '' ? {} : { listen: addressOf(listen ?? LISTEN) }),
  };
}

function addressOf(listen: string): Address {
  const [, ipv6, name, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(listen) ?? [];
  const host = ipv6 ?? name;
  const port = Number(digits);
  if (host !== undefined && port <= 65_535) return { host, port };
  throw new UsageError(`--listen ${JSON.stringify(listen)} is no HOST:PORT.`, {
    hint: `Write it as ${LISTEN}, or leave it empty to answer no probes.`,
  });
}

/** The name of a node that stands at `where`; throws where it cannot be one. */
export function nodeName(where: string, name: string): string {
  if (/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(name)) return name;
  throw new UsageError(`${where} ${JSON.stringify(name)} is no name of a node.`, {
    hint: 'It is the name that kubectl shows: lower-case letters, digits, hyphens and dots.',
  });
}

function refuse(verb: string, options: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined) throw new UsageError(`${verb} has no option --${name}.`, HINT);
  }
}

function optionsOf(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new UsageError(`${cause.message.split('. ')[0] ?? 'The options cannot be read'}.`, {
      ...HINT,
      cause,
    });
  }
}
