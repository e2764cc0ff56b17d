import type { DriverTrouble } from './driver-trouble.ts';

/** Of pods that load closed packages by the vendor's command. */
export const LOADER_TROUBLES = {
  NO_VENDOR_COMMAND: {
    symptom: 'A closed package cannot be loaded.',
    cause: 'The image has no weka command, or one that does not know drivers.',
    mend: 'Name an image of WEKA of that version in driversLoaderImage.',
  },
  MOUNT: {
    symptom: 'A closed package cannot be loaded.',
    cause: 'Nothing can be laid over the modules of the node, where the vendor’s command writes.',
    mend: 'Check that the pod is privileged and that the kernel of the node has overlayfs.',
  },
  VENDOR_INSTALL: {
    symptom: 'A closed package cannot be loaded.',
    cause: 'The command weka driver install ended with an error.',
    mend: 'Read its last lines, and what the kernel log of the node says (dmesg).',
  },
  LOAD_TIMEOUT: {
    symptom: 'A closed package takes longer to load than it may.',
    cause: 'The vendor’s command, or rmmod, mount or modprobe beside it, was stopped at its timeout.',
    mend: 'Read its last lines; it is tried again by itself. Where it does not end when it is killed either, a module hangs in the kernel: reboot the node.',
  },
} as const satisfies Readonly<Record<string, DriverTrouble>>;
