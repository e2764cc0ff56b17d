import type { DriverPackage } from '../../schemas/drivers/package.ts';
import type { DriversIntent } from '../../schemas/node/drivers.ts';
import { isKnown } from '../../schemas/node/observed.ts';
import type { LoadedDriver, ModuleUser } from './driver-facts.ts';
import type { Fault } from './fault.ts';
import type { Step } from './step.ts';

export interface Replacement {
  /** The package whose modules are to come. */
  readonly package: DriverPackage;
  /** Loaded modules of the package's names that are not its own. */
  readonly others: readonly LoadedDriver[];
  readonly loaded: readonly LoadedDriver[];
  /** Names of modules that are drivers of WEKA's, and may go with those that they need. */
  readonly family: ReadonlySet<string>;
  readonly users: readonly ModuleUser[];
  readonly replace: DriversIntent['replace'];
  /** How long what was told to let go has until it is told again; 0 where it may be told. */
  readonly drainInMs: number;
  /** Whether there is a package to go back to where the new one does not load. */
  readonly hasWayBack: boolean;
}

/** What makes room, or who is in the way. */
type Room = { readonly step: Step; readonly note?: string } | { readonly hold: Fault; readonly step?: Step };

/** So often it is looked whether what uses a module has gone. */
export const LOOK_AGAIN_MS = 5000;

/**
 * What is next to make room for a package's modules. Nothing goes before all that has to go is free: a node with half of its old
 * drivers has none.
 */
export function makeRoom(replacement: Replacement): Room {
  const { others, replace, drainInMs, family, hasWayBack } = replacement;
  const { version } = replacement.package;
  const names = others.map(({ name }) => name);
  const listed = names.join(', ');
  const whose = others
    .map((each) => (each.version === undefined ? each.name : `${each.name} ${each.version}`))
    .join(', ');
  if (replace === 'never') {
    return {
      hold: {
        state: 'refused',
        code: 'OTHER_LOADED',
        message: `Other modules are loaded than those of ${version}, and may not be replaced: ${whose}.${hasWayBack ? '' : ` If ${version} does not load, there is no package to go back to.`}`,
        hint: 'Approve the replacement in the repository, or reboot the node: after a boot the asked-for modules are loaded.',
      },
    };
  }
  const going = goingWith(others, replacement.loaded, family);
  const users = usersOf(going, replacement.users);
  if (users.length > 0) {
    const drain = replace === 'drain' && drainInMs <= 0;
    const hold: Fault = {
      state: 'waiting',
      code: replace === 'drain' ? 'DRAINING' : 'IN_USE',
      message:
        replace === 'drain'
          ? `The users of ${listed} were told to let go, and have not yet: ${few(users)}.`
          : `${whose} can go only when nothing uses them: ${few(users)}.`,
      hint:
        replace === 'drain'
          ? 'Wait for what uses WEKA on this node to end, or end it.'
          : 'Move what uses WEKA off this node, or have the drivers drained by the annotation weka-gitops.dev/drain-drivers: "true".',
      users: users.slice(0, 64),
    };
    return drain
      ? {
          hold,
          step: { do: 'drain', modules: names, why: `what uses ${listed} has to let go of them first` },
        }
      : { hold };
  }
  // They come in the order in which they are loaded.
  const first = going.findLast(({ usedBy }) => usedBy.length === 0);
  if (first === undefined || first.state !== 'live') {
    return {
      hold: {
        state: 'waiting',
        code: 'IN_USE',
        message: `Module ${first?.name ?? listed} is just coming or going.`,
      },
    };
  }
  const why = names.includes(first.name)
    ? `it is not that of ${version}, and nothing uses it`
    : `${listed} cannot go before it`;
  if (hasWayBack) return { step: { do: 'unload', module: first.name, why } };
  return {
    step: { do: 'unload', module: first.name, why: `${why}; there is no package to go back to` },
    note: `Other modules make room for those of ${version}, and there is no package to go back to.`,
  };
}

/** The modules, and those of the family that need them. */
function goingWith(
  others: readonly LoadedDriver[],
  loaded: readonly LoadedDriver[],
  family: ReadonlySet<string>,
): readonly LoadedDriver[] {
  const byName = new Map(loaded.map((each) => [each.name, each]));
  const going = new Set(others);
  for (const { usedBy } of going) {
    for (const name of usedBy) {
      const user = byName.get(name);
      if (user !== undefined && family.has(name)) going.add(user);
    }
  }
  return [...going];
}

function usersOf(going: readonly LoadedDriver[], users: readonly ModuleUser[]): readonly string[] {
  const names = new Set(going.map(({ name }) => name));
  return going.flatMap(({ name, usedBy, holds }) => {
    const modules = usedBy
      .filter((each) => !names.has(each))
      .map((each) => `module ${each}, which needs ${name}`);
    const others = users.filter(({ module }) => module === name).map(({ who }) => who);
    if (!isKnown(holds)) return [...modules, ...others, `unknown users of ${name} (${holds.unknown})`];
    const isUnseen = holds > usedBy.length && others.length === 0;
    return [
      ...modules,
      ...others,
      ...(isUnseen ? [`something that cannot be seen from here holds ${name}`] : []),
    ];
  });
}

function few(users: readonly string[]): string {
  const more = users.length - 4;
  return `${users.slice(0, 4).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}
