import { createPrivateKey } from 'node:crypto';
import { parseLocation } from '../world/git/url.ts';
import type { ForgeCredentials } from '../world/forge/client-options.ts';
import { ConfigError } from './config-error.ts';
import type { ConfigFile } from './config-file.ts';
import { isInClear } from '../world/forge/in-clear.ts';
import { type ConfigSources, readSecret, readText } from './config-sources.ts';
import type { ForgeConfig } from './forge-config.ts';

/** Where the forge is, and which repository of it is ours. */
export interface ForgePlace {
  readonly kind: ForgeConfig['kind'];
  /** Without a slash at its end. */
  readonly url: string;
  /** `owner/name`. */
  readonly repository: string;
}

type Configured = Pick<ConfigFile, 'repository'> & { readonly forge: ForgeConfig };

/** The forge's address and the repository's name there, from the repository's own address where they are not configured. */
export function forgePlace({ forge, repository }: Configured): ForgePlace {
  const { kind, url, repository: name } = forge;
  const found = url !== undefined && name !== undefined ? undefined : fromRepository(repository?.url, url);
  const place = {
    kind,
    url: (url ?? found?.url ?? '').replace(/\/+$/, ''),
    repository: name ?? found?.name ?? '',
  };
  if (place.url === '') {
    throw new ConfigError('Neither forge.url nor the repository’s address says where the forge is.', {
      hint: 'Set forge.url to the address of the forge.',
    });
  }
  if (place.repository === '') {
    throw new ConfigError(
      'Neither forge.repository nor the repository’s address says what it is called on the forge.',
      {
        hint: 'Set forge.repository to owner/name.',
      },
    );
  }
  if (url === undefined && isInClear(place.url)) {
    throw new ConfigError(
      `The repository’s address ${new URL(place.url).origin} is not encrypted, and the forge’s token would be sent there.`,
      { hint: 'Set forge.url to an https:// address, or to this one if it may be so.' },
    );
  }
  return place;
}

/** Splits `https://HOST/[PREFIX/]OWNER/NAME[.git]`; with `forge`, what its own address does not cover. */
function fromRepository(
  address: string | undefined,
  forge: string | undefined,
): { url?: string; name?: string } | undefined {
  const location = address === undefined ? undefined : parseLocation(address);
  if (location?.kind !== 'http') return undefined;
  const { origin, pathname } = new URL(location.url);
  const segments = pathname.split('/').filter(Boolean);
  const name = segments
    .splice(-2)
    .join('/')
    .replace(/\.git$/, '');
  const prefix = forge === undefined ? segments : [];
  return {
    url: [origin, ...prefix].join('/'),
    ...(name.includes('/') ? { name } : {}),
  };
}

/** The forge's credentials as their files hold them now. */
export async function readForgeLogin(
  { forge, repository }: Configured,
  { env, readFile }: ConfigSources,
): Promise<ForgeCredentials> {
  const { tokenFile, app, caFile = repository?.caFile } = forge;
  const ca = caFile && (await readText(caFile, readFile, 'the forge’s CA'));
  const base = ca ? { ca } : {};
  if (app !== undefined) {
    if (forge.kind !== 'github') {
      throw new ConfigError('forge.app is of GitHub, and forge.kind is another.', {
        hint: 'Set forge.tokenFile in place of forge.app.',
      });
    }
    const { id, privateKeyFile, installation } = app;
    const privateKey = await readSecret(privateKeyFile, readFile);
    mustBeRsaKey(privateKey, privateKeyFile);
    return { ...base, app: { id, privateKey, ...(installation === undefined ? {} : { installation }) } };
  }
  const given = env['WEKA_GITOPS_FORGE_TOKEN'];
  const token = given || (tokenFile && (await readSecret(tokenFile, readFile)));
  if (token) mustBeToken(token, given ? 'WEKA_GITOPS_FORGE_TOKEN' : `${tokenFile}`);
  return { ...base, ...(token ? { token } : {}) };
}

/** Another one cannot be sent; a file may hold two while it is replaced. */
function mustBeToken(token: string, where: string): void {
  if (/^[\x21-\x7e]+$/.test(token)) return;
  throw new ConfigError(`${where} does not hold an access token and nothing else.`, {
    hint: 'Write the token alone, on one line.',
  });
}

function mustBeRsaKey(privateKey: string, path: string): void {
  let type: string | undefined;
  try {
    type = createPrivateKey(privateKey).asymmetricKeyType;
  } catch {
    // Said below, without the parser's words, which may quote the key.
  }
  if (type === 'rsa') return;
  throw new ConfigError(`${path} does not hold the private key of a GitHub App as PEM.`, {
    hint: 'Put there the file that GitHub gave when the key was made.',
  });
}
