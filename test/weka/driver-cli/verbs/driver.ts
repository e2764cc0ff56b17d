import { Failure } from '../failure.ts';
import type { Option } from '../options.ts';
import { optionsOf } from '../options.ts';
import type { Place } from '../place.ts';
import { kernelSignature, versions } from '../releases.ts';
import { download } from './download.ts';
import { install, ready } from './install.ts';
import { pack } from './pack.ts';

const HELP = `Manage kernel drivers

  build      Build the drivers
  pack       Build the drivers, and pack them for distribution
  sign       Sign the drivers
  export     Export drivers to a file
  import     Import drivers from a file
  download   Download drivers
  install    Install drivers
  kernel     Print the signature of the kernel
  ready      Tell whether the drivers are loaded
`;

const COMMON: readonly Option[] = ['without-agent', 'version', 'kernel-build-id'];

/** `weka driver …`. */
export async function driver(place: Place, args: readonly string[]): Promise<string> {
  const [verb, ...rest] = args;
  switch (verb) {
    case undefined:
    case '--help':
      return HELP;
    case 'kernel': {
      const { values } = optionsOf(rest, COMMON);
      return `The signature of this kernel is ${kernelSignature(place, values['kernel-build-id'])}\n`;
    }
    case 'kernel-sig':
      return `${kernelSignature(place, undefined)}\0`;
    case 'pack': {
      const { values } = optionsOf(rest, COMMON);
      return await pack(place, await packed(place, values));
    }
    case 'sign': {
      const { values, positionals } = optionsOf(rest, [...COMMON, 'pack']);
      const [key] = positionals;
      if (key === undefined) throw new Failure('error: the key is required', 2);
      if (values.pack !== true) throw new Failure('error: only --pack is known here', 2);
      return await pack(place, { ...(await packed(place, values)), key });
    }
    case 'download': {
      const { values } = optionsOf(rest, [...COMMON, 'from', 'kernel-signature']);
      const signature = values['kernel-signature'];
      return await download(place, {
        ...(await common(place, values)),
        ...(values.from === undefined ? {} : { from: values.from }),
        ...(signature === undefined ? {} : { signature }),
      });
    }
    case 'install':
      return await install(place, await common(place, optionsOf(rest, COMMON).values));
    case 'ready':
      return await ready(place, await common(place, optionsOf(rest, COMMON).values));
    default:
      throw new Failure(`error: unrecognized command 'driver ${verb}'`, 2);
  }
}

/** Which drivers a command is about. */
export interface About {
  readonly version: string;
  readonly signature: string;
}

interface Asked {
  readonly version?: string | undefined;
  readonly 'kernel-build-id'?: string | undefined;
}

async function packed(place: Place, values: Asked): Promise<About> {
  const { kernel, settings } = place;
  const about = await common(place, values);
  const { packsFor = kernel } = settings;
  return packsFor === kernel
    ? about
    : { ...about, signature: kernelSignature({ ...place, kernel: packsFor }, values['kernel-build-id']) };
}

async function common(place: Place, values: Asked): Promise<About> {
  const version = values.version ?? (await versions(place))[0];
  if (version === undefined) throw new Failure('error: No version is set');
  return { version, signature: kernelSignature(place, values['kernel-build-id']) };
}
