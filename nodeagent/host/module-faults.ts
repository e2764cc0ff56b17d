import type { Fault } from '../plan/fault.ts';

/** What kmod says, and what the kernel means by it. */
const REFUSALS: readonly (readonly [RegExp, (module: string) => Fault])[] = [
  [
    /Key was rejected|Required key not available|key has been (expired|revoked)/i,
    (module) => ({
      state: 'refused',
      code: 'KEY_REJECTED',
      message: `The kernel does not trust the key that module ${module} is signed with.`,
      hint: "Enrol the builder's certificate on the node (mokutil --import), or sign with a key that is.",
      module,
    }),
  ],
  [
    /Invalid module format|Exec format error/i,
    (module) => ({
      state: 'failed',
      code: 'LOAD_FAILED',
      // Whether it says to be for this kernel was looked at before.
      message: `The kernel did not take module ${module}: its file is damaged, or it was built with other symbols or settings than this kernel's.`,
      hint: 'Look into the log of the kernel of that node (dmesg), which says which; then build the package again from whole files, or with the headers of exactly this kernel.',
      module,
    }),
  ],
  [
    /Operation not permitted|Permission denied/i,
    (module) => ({
      state: 'refused',
      code: 'NOT_PERMITTED',
      message: `The agent may not load module ${module}.`,
      hint: 'Give the pods of the agents the capability SYS_MODULE, and look whether the kernel is locked down.',
      module,
    }),
  ],
];

/** Why a module was not loaded. */
export function loadFault(module: string, said: string): Fault {
  const refusal = REFUSALS.find(([words]) => words.test(said))?.[1];
  if (refusal !== undefined) return refusal(module);
  return {
    state: 'failed',
    code: 'LOAD_FAILED',
    message: `The kernel did not take module ${module}: ${reasonOf(said)}.`,
    hint: 'Look into the log of the kernel of that node (dmesg).',
    module,
  };
}

/** What was begun with a module is not over. */
export function hangingFault(module: string): Fault {
  return {
    state: 'failed',
    code: 'HANGS',
    message: `What the kernel was asked to do with module ${module} has not come to an end.`,
    hint: 'Look into the log of the kernel of that node (dmesg); a reboot ends it.',
    module,
  };
}

/** Why a module was not unloaded. */
export function unloadFault(module: string, said: string): Fault {
  if (/is in use|Resource temporarily unavailable|Device or resource busy/i.test(said)) {
    return {
      state: 'waiting',
      code: 'IN_USE',
      message: `Module ${module} can go only when nothing uses it, and the kernel says that something does.`,
      module,
    };
  }
  return {
    state: 'failed',
    code: /Operation not permitted/i.test(said) ? 'NOT_PERMITTED' : 'UNLOAD_FAILED',
    message: `The kernel did not let module ${module} go: ${reasonOf(said)}.`,
    hint: 'Look into the log of the kernel of that node (dmesg); a reboot unloads it.',
    module,
  };
}

/** `insmod: ERROR: could not insert module /x/1.ko: Cannot allocate memory`: the last part, without the path. */
function reasonOf(said: string): string {
  const line =
    said
      .trim()
      .split('\n')
      .findLast((each) => each !== '') ?? '';
  const reason = line.slice(line.lastIndexOf(': ') + 1);
  return reason.trim().replace(/\.$/, '').slice(0, 200) || 'it does not say why';
}
