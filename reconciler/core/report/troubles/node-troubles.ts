import { DRIVER_CODES, type DriverCode } from '../../../../schemas/node/driver-codes.ts';
import type { DriverTrouble } from './driver-trouble.ts';

/** Of nodes. */
export const NODE_TROUBLES: Readonly<Record<DriverCode, DriverTrouble>> = {
  UNREACHABLE: {
    symptom: DRIVER_CODES.UNREACHABLE,
    cause:
      'Nothing answers at driversDistService: the Service is missing, has no ready pod, or something on the way blocks it.',
    mend: 'Check that the Service which driversDistService names is there and has a ready pod, and that every NetworkPolicy and firewall lets nodes reach port 60002.',
  },
  UNTRUSTED: {
    symptom: DRIVER_CODES.UNTRUSTED,
    cause: 'It is of no authority that the node knows, has ended, or is for another name.',
    mend: 'Check that driversDistService names the service as its certificate does, and that the clock of the node is right; certificates of our own are made anew by the next pass.',
  },
  SERVICE: {
    symptom: DRIVER_CODES.SERVICE,
    cause: 'Something else than a distribution service listens there, or the service itself is in trouble.',
    mend: 'Read the log of the distribution service, and check the scheme and the port of driversDistService.',
  },
  PACKAGE_MISSING: {
    symptom: DRIVER_CODES.PACKAGE_MISSING,
    cause: 'It was cleaned up or lost with its volume: every address of the service says 404.',
    mend: 'Wait for the next pass, which builds or fetches it again; if this comes back, give the service a PersistentVolumeClaim.',
  },
  DIGEST: {
    symptom: DRIVER_CODES.DIGEST,
    cause:
      'What the distribution service holds is damaged, or somebody put something else there; or, where the message says so, the disk of the node changed it. Nothing of it was loaded.',
    mend: 'Read in the message whose it is. Delete the package from the storage of the distribution service, so that it is fetched or built again, and look who changed it; where it was kept on the node, it is downloaded again by itself: look whether the disk of the node is sound.',
  },
  SIZE: {
    symptom: DRIVER_CODES.SIZE,
    cause:
      'What the distribution service holds is cut off or is something else, or a proxy before it changes answers; nothing of it was loaded.',
    mend: 'Delete the package from the storage of the distribution service, so that it is fetched or built again; where the message speaks of another part, of packing or of a change, look for a proxy before the service instead.',
  },
  NO_SPACE: {
    symptom: 'A disk is too full for a build or a package.',
    cause: 'The disk of the node that builds or loads is full.',
    mend: 'Make room on that node, where pods or /var/lib/weka-nodeagent (or what --state names) are; it then goes on by itself.',
  },
  STATE_FOLDER: {
    symptom: DRIVER_CODES.STATE_FOLDER,
    cause:
      'The folder of the node is on a file system that is read-only or damaged, or the agent has no right to it.',
    mend: 'Read the error in the message: with EIO look whether the disk is sound. Make /var/lib/weka-nodeagent of the node writable, or give the agent another folder by --state.',
  },
  ANOTHER_AGENT: {
    symptom: DRIVER_CODES.ANOTHER_AGENT,
    cause:
      'Two agents of the node share its folder of packages: a second DaemonSet, one that was started by hand, or one that is about to end.',
    mend: 'End one of the two; the other goes on within ten seconds.',
  },
  BAD_PACKAGE: {
    symptom: DRIVER_CODES.BAD_PACKAGE,
    cause:
      'It has members that no package of drivers has: links, devices, paths that lead out, or far too much.',
    mend: 'Find out who made it before anything else; then delete it from the distribution service, let it be built again, and accept the new digest by the Approval that the plan prints.',
  },
  KERNEL: {
    symptom: DRIVER_CODES.KERNEL,
    cause: 'The node was booted with another kernel since it was asked.',
    mend: 'Wait for the next pass, which plans drivers for the kernel that runs.',
  },
  ARCHITECTURE: {
    symptom: DRIVER_CODES.ARCHITECTURE,
    cause: 'It was built on a node of another architecture, or its name says something else than it holds.',
    mend: 'Build it again on a node of the right architecture, and accept the new digest by the Approval that the plan prints.',
  },
  VERMAGIC: {
    symptom: DRIVER_CODES.VERMAGIC,
    cause:
      'The headers that it was built with are of another kernel, or of one with other settings, and the kernel would refuse it.',
    mend: 'Build it again on a node with exactly that kernel, whose headers are of the same package version, and accept the new digest by the Approval that the plan prints.',
  },
  UNSIGNED: {
    symptom: DRIVER_CODES.UNSIGNED,
    cause: 'Secure Boot or module.sig_enforce=1 is on, and nobody has signed the modules.',
    mend: 'Have them signed: give the builder Secret module-signing in additionalSecrets, and enrol its certificate on the nodes by mokutil --import; or switch enforcement off.',
  },
  KEY_REJECTED: {
    symptom: DRIVER_CODES.KEY_REJECTED,
    cause: 'The certificate of the key is not enrolled on the node, or the signature is damaged.',
    mend: 'Enrol the certificate of the key on the node by mokutil --import, and reboot it.',
  },
  LOADING_DISABLED: {
    symptom: DRIVER_CODES.LOADING_DISABLED,
    cause: 'Somebody set kernel.modules_disabled to 1, which nothing but a reboot turns back.',
    mend: 'Take kernel.modules_disabled out of the sysctl settings of the node, and reboot it.',
  },
  NOT_PERMITTED: {
    symptom: DRIVER_CODES.NOT_PERMITTED,
    cause: 'Its container has no CAP_SYS_MODULE, or the kernel is locked down.',
    mend: 'Run weka-gitops install again, which gives the agents what they need; where the kernel is locked down, have modules signed.',
  },
  NO_DEPENDENCY: {
    symptom: DRIVER_CODES.NO_DEPENDENCY,
    cause: 'The distribution of the node has that module in a package that is not installed.',
    mend: 'Install it for the kernel that runs, e.g. apt-get install linux-modules-extra-$(uname -r).',
  },
  UNKNOWN: {
    symptom: DRIVER_CODES.UNKNOWN,
    cause:
      'A file of the host’s /proc or /sys is missing or hidden from the agent, and what is unknown permits nothing; or it cannot tell whether another agent keeps the drivers, and then it unloads none.',
    mend: 'Read in weka-gitops explain node/NAME what is unknown and why.',
  },
  OTHER_LOADED: {
    symptom: DRIVER_CODES.OTHER_LOADED,
    cause:
      'A node has one version of the drivers, and what is loaded makes way only where a person has said so.',
    mend: 'Commit the Approval replace-drivers that the plan prints; or reboot the node, where somebody loaded them by hand.',
  },
  NO_WAY_BACK: {
    symptom: DRIVER_CODES.NO_WAY_BACK,
    cause:
      'The package of the loaded modules is neither whole on the node nor offered by the service, or the agent lost what it wrote down of it, and the node would have no drivers if the new ones did not load.',
    mend: 'Have the service offer that version for this kernel again, e.g. by a manifest that asks for it; or reboot the node: after a boot nothing has to go first.',
  },
  IN_USE: {
    symptom: DRIVER_CODES.IN_USE,
    cause:
      'Mounts, modules or processes hold the drivers that would have to go, and nothing is unloaded from under them.',
    mend: 'Move what uses WEKA off the node, or set the annotation weka-gitops.dev/drain-drivers: "true" on the manifest; a reboot of the node does it, too.',
  },
  DRAINING: {
    symptom: DRIVER_CODES.DRAINING,
    cause: 'Mounts or processes still hold the drivers that have to go.',
    mend: 'Wait for what uses WEKA on the node to end, or end it.',
  },
  LOAD_FAILED: {
    symptom: DRIVER_CODES.LOAD_FAILED,
    cause:
      'It was there and verified, and loading it failed: a symbol is missing, or the module itself gave up.',
    mend: 'Read what the kernel log of the node says (dmesg); what was loaded before is loaded again where there was any.',
  },
  HANGS: {
    symptom: DRIVER_CODES.HANGS,
    cause: 'The kernel of the node holds the program that loads or unloads it, and lets nobody end that.',
    mend: 'Read what the kernel log of the node says (dmesg); where it goes on, reboot the node. The agent goes on as soon as it ends.',
  },
  UNLOAD_FAILED: {
    symptom: DRIVER_CODES.UNLOAD_FAILED,
    cause: 'Something took hold of the module in that moment, or it cannot be unloaded at all.',
    mend: 'Look with lsmod and dmesg on the node at what holds it; a reboot of the node does it, too.',
  },
};
