import { STATE_FOLDER } from '../../schemas/drivers/node-folders.ts';
import { LISTEN } from './defaults.ts';
import { addressOf, namespaceName, nodeName, outputOf, wholePath } from './values.ts';
import type { Given, Verb } from './verb.ts';

const PROBES = `Write it as ${LISTEN}, or leave it empty to answer no probes.`;

export const OBSERVE: Verb = {
  options: ['root', 'node', 'output'],
  read: (given) => ({ verb: 'observe', ...rootOf(given), ...nodeOf(given), output: printedAs(given) }),
};

export const RUN: Verb = {
  options: ['root', 'node', 'namespace', 'kubeconfig', 'listen', 'state'],
  read(given) {
    const { namespace, kubeconfig, listen = LISTEN } = given.options;
    return {
      verb: 'run',
      ...rootOf(given),
      ...nodeOf(given),
      ...(namespace === undefined ? {} : { namespace: namespaceName(namespace) }),
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...(listen === '' ? {} : { listen: addressOf(listen, PROBES) }),
      state: stateOf(given),
    };
  },
};

export const DRIVERS: Verb = {
  options: ['root', 'state', 'output'],
  read: (given) => ({ verb: 'drivers', ...rootOf(given), state: stateOf(given), output: printedAs(given) }),
};

function rootOf({ options: { root = '/' } }: Given): { readonly root: string } {
  return {
    root: wholePath(
      '--root',
      root,
      'Give the whole path of the folder where the root of the host is mounted.',
    ),
  };
}

function nodeOf({ options: { node } }: Given): { readonly node?: string } {
  return node === undefined ? {} : { node: nodeName('--node', node) };
}

function stateOf({ options: { state = STATE_FOLDER } }: Given): string {
  return wholePath(
    '--state',
    state,
    'Give the whole path of the folder where the agent keeps what it has downloaded.',
  );
}

function printedAs({ options: { output = 'text' } }: Given): 'text' | 'json' {
  return outputOf(output);
}
