import { SIGNING_KEY_FOLDER, SIGNING_SOCKET } from '../../schemas/drivers/signing.ts';
import { UsageError } from '../errors.ts';
import { DIST_FOLDER, DIST_TLS, IN_USE, TERMINATION_LOG, UPLOAD_TLS } from './defaults.ts';
import { addressOf, HINT, wholePath } from './values.ts';
import type { Given, Verb } from './verb.ts';

export const DIST: Verb = {
  options: ['folder', 'tls', 'in-use', 'listen'],
  read({ options: { folder = DIST_FOLDER, tls = DIST_TLS, 'in-use': inUse = IN_USE, listen } }) {
    return {
      verb: 'dist',
      folder: wholePath('--folder', folder, 'Give the whole path of the folder of packages.'),
      tls: tlsFolder(tls),
      inUse: wholePath('--in-use', inUse, 'Give the whole path of the list of packages.'),
      ...(listen === undefined ? {} : { listen: addressOf(listen, 'Write it as 0.0.0.0:60002.') }),
    };
  },
};

export const FETCH: Verb = {
  options: ['tls', 'result'],
  read: (given) => ({ verb: 'fetch', ...uploading(given) }),
};

export const BUILD: Verb = {
  options: ['tls', 'result'],
  read: (given) => ({ verb: 'build', ...uploading(given) }),
};

export const LOAD: Verb = {
  options: ['result'],
  read: (given) => ({ verb: 'load', result: resultOf(given) }),
};

export const KEEP_KEY: Verb = {
  options: ['folder', 'socket'],
  read({ options: { folder = SIGNING_KEY_FOLDER, socket = SIGNING_SOCKET } }) {
    return {
      verb: 'keep-key',
      folder: wholePath('--folder', folder, 'Give the whole path of the folder of the key.'),
      socket: wholePath('--socket', socket, 'Give the whole path of the socket.'),
    };
  },
};

export const COPY_PROGRAMS: Verb = {
  options: [],
  words: ['DIR'],
  read({ words: [folder] }) {
    if (folder === undefined) throw new UsageError('copy-programs is not told where to.', HINT);
    return {
      verb: 'copy-programs',
      folder: wholePath('copy-programs', folder, 'Give the whole path of the folder to copy to.'),
    };
  },
};

function uploading(given: Given): { readonly tls: string; readonly result: string } {
  return { tls: tlsFolder(given.options.tls ?? UPLOAD_TLS), result: resultOf(given) };
}

function tlsFolder(path: string): string {
  return wholePath('--tls', path, 'Give the whole path of the folder of tls.crt, tls.key and ca.crt.');
}

function resultOf({ options: { result = TERMINATION_LOG } }: Given): string {
  return wholePath('--result', result, 'Give the whole path of the file that is told how it ended.');
}
