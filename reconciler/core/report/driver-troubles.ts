import { DRIVER_CODES, type DriverCode } from '../../../schemas/node/driver-codes.ts';

/** What a code of a builder, a loader or an agent means: the same words for status, plan, explain and the page of all codes. */
export interface DriverTrouble {
  /** What is seen, in one sentence. */
  readonly symptom: string;
  /** Why that comes about, in one sentence. */
  readonly cause: string;
  /** The way out; begins with a verb. */
  readonly mend: string;
}

/** A node that no manifest asks for drivers: no program reports it. */
export const NOT_SELECTED = {
  symptom: 'A node gets no drivers.',
  cause: 'No manifest asks for drivers there: the labels of the node fit no nodeSelector.',
  mend: 'Compare the labels of the node with the nodeSelector of its WekaCluster, WekaClient or policy, and label the node or change the selector.',
} as const satisfies DriverTrouble;

/** Of builders. */
const BUILD_TROUBLES = {
  NO_HEADERS: {
    symptom: 'A build stops before it compiles.',
    cause: 'The node that builds has no headers of the kernel that it runs, below /lib/modules and /usr/src.',
    mend: 'Install the headers of that kernel on a node that runs it, e.g. apt-get install linux-headers-$(uname -r); the build goes on by itself.',
  },
  WRONG_KERNEL: {
    symptom: 'A build, or the loading of a package, stops before it begins.',
    cause: 'The pod runs on a node with another kernel than the one that it is for.',
    mend: 'Let the nodeSelector of the builder name nodes with that kernel, e.g. by label weka.io/kernel; where a node was upgraded the next pass plans anew by itself.',
  },
  PRE_RUN: {
    symptom: 'A build stops before it compiles.',
    cause: 'The script that is to run before the build ended with an error.',
    mend: 'Correct preRunScript, or builderPreRunScript of the policy, by the last lines that it printed.',
  },
  NO_SOURCE: {
    symptom: 'A build finds nothing to build.',
    cause: 'The image of the builder has neither sources of drivers nor a weka command that has them.',
    mend: 'Name an image of WEKA, or one with sources in /opt/weka/driver-source.',
  },
  COMPILE: {
    symptom: 'A build fails, mostly for a custom or uncommon kernel.',
    cause: 'The compiler does not take the sources with the headers and tools that it found.',
    mend: 'Read its last lines; name an image with the tools of that kernel in builderImageOverride, give flags in extraBuildArgs, or go to a version of WEKA that knows the kernel.',
  },
  VENDOR_PACK: {
    symptom: 'A build fails in the vendor’s command.',
    cause: 'The command weka driver pack ended with an error.',
    mend: 'Read its last lines, and check that this version of WEKA builds drivers for that kernel.',
  },
  BUILD_TIMEOUT: {
    symptom: 'A build takes longer than it may.',
    cause:
      'It was stopped at its timeout: mostly headers are missing or of another kernel, or the node is busy.',
    mend: 'Check that linux-headers-$(uname -r) is installed on the node that builds, then raise buildTimeout or give the builder more cores.',
  },
  SIGN: {
    symptom: 'A build fails when its modules are signed.',
    cause:
      'The key or the certificate for signing modules cannot be used, or the tool that signs is missing.',
    mend: 'Check that Secret module-signing holds signing_key.pem and signing_cert.pem that belong together.',
  },
  SETTINGS: {
    symptom: 'A pod that builds or loads does not begin.',
    cause:
      'What it was told does not hold together: mostly it runs another version of our programs than the reconciler.',
    mend: 'Use the same version of the image for the reconciler and for its pods, and check the fields that the message names.',
  },
  STOPPED: {
    symptom: 'A pod that builds or loads ended before it was done.',
    cause: 'Its node was drained or went down, or somebody deleted the pod.',
    mend: 'Wait for the next pass, which makes it again.',
  },
} as const satisfies Readonly<Record<string, DriverTrouble>>;

/** Of what brings packages into a distribution service. */
const DELIVERY_TROUBLES = {
  UPLOAD_UNREACHABLE: {
    symptom: 'A package is made and does not come into the distribution service.',
    cause: 'Nothing answers at the service: it has no ready pod, or something on the way blocks it.',
    mend: 'Check that the pod of the service runs, and that every NetworkPolicy lets builders reach its port 60002.',
  },
  UPLOAD_TLS: {
    symptom: 'A package is made and does not come into the distribution service.',
    cause: 'One of the two does not believe the certificate of the other.',
    mend: 'Compare ca.crt of the two Secrets beside the service; deleting both lets the next pass issue them anew.',
  },
  UPLOAD_REFUSED: {
    symptom: 'The distribution service refuses an upload.',
    cause: 'It does not take the certificate of the builder for one that may upload.',
    mend: 'Delete the Secret of the upload certificate, so that the next pass issues it anew, and read the log of the service.',
  },
  UPLOAD_CONFLICT: {
    symptom: 'The distribution service has other bytes under the name of a package.',
    cause: 'A build gave other bytes than one before it, or somebody put the package there by hand.',
    mend: 'Delete the package from the volume of the service if the new one is right; nodes load only the digest that is pinned.',
  },
  UPLOAD_DIGEST: {
    symptom: 'What comes into the distribution service is not what was sent.',
    cause: 'Something changed the bytes on their way, such as a proxy or memory that is broken.',
    mend: 'Look for a proxy between builder and service, and at the hardware of both nodes.',
  },
  UPLOAD_NO_ROOM: {
    symptom: 'The distribution service has no room for a package.',
    cause: 'Its volume is full of packages that are in use.',
    mend: 'Give the service a larger PersistentVolumeClaim.',
  },
  UPLOAD_REJECTED: {
    symptom: 'The distribution service does not take a package as it is.',
    cause:
      'It runs another version of our programs than the builder, or the package is larger than any may be.',
    mend: 'Use the same version of the image for the distribution service and for its builders.',
  },
  UPLOAD_FILE: {
    symptom: 'A package is made and cannot be sent.',
    cause: 'The file, or the certificate for the upload, cannot be read in the pod.',
    mend: 'Look at the events of the pod: its Secret and its volumes have to be there.',
  },
  FETCH_SETTINGS: {
    symptom: 'A pod that fetches does not begin.',
    cause:
      'What it was told does not hold together: mostly it runs another version of our programs than the reconciler.',
    mend: 'Use the same version of the image for the reconciler and for its pods.',
  },
  REGISTRY_UNREACHABLE: {
    symptom: 'A package cannot be fetched from the registry.',
    cause: 'The pod that fetches does not reach the registry: there is no way out, or a proxy is missing.',
    mend: 'Let the pod reach the registry, by a proxy where there is one, or name a mirror of it; without either, configure a builder.',
  },
  REGISTRY_REFUSED: {
    symptom: 'A package cannot be fetched from the registry.',
    cause: 'The registry, or a proxy before it, answers with an error.',
    mend: 'Look at what the registry or the proxy asks for, such as credentials.',
  },
  REGISTRY_WITHOUT: {
    symptom: 'The registry has a package no more.',
    cause: 'It was there when its digest was pinned, and is gone.',
    mend: 'Name a registry that has it, or configure a builder.',
  },
} as const satisfies Readonly<Record<string, DriverTrouble>>;

/** Of nodes. */
const NODE_TROUBLES: Readonly<Record<DriverCode, DriverTrouble>> = {
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
      'What the distribution service holds is damaged, or somebody put something else there; nothing of it was loaded.',
    mend: 'Delete the package from the storage of the distribution service, so that it is fetched or built again, and look who changed it.',
  },
  SIZE: {
    symptom: DRIVER_CODES.SIZE,
    cause: 'What the distribution service holds is cut off or is something else; nothing of it was loaded.',
    mend: 'Delete the package from the storage of the distribution service, so that it is fetched or built again.',
  },
  NO_SPACE: {
    symptom: 'A disk is too full for a build or a package.',
    cause: 'The disk of the node that builds or loads is full.',
    mend: 'Make room on that node, where pods or /var/lib/weka-nodeagent are; it then goes on by itself.',
  },
  STATE_FOLDER: {
    symptom: DRIVER_CODES.STATE_FOLDER,
    cause:
      'The folder of the node is on a file system that is read-only or damaged, or the agent has no right to it.',
    mend: 'Make /var/lib/weka-nodeagent of the node writable, or give the agent another folder by --state.',
  },
  BAD_PACKAGE: {
    symptom: DRIVER_CODES.BAD_PACKAGE,
    cause:
      'It has members that no package of drivers has: links, devices, paths that lead out, or far too much.',
    mend: 'Find out who made it before anything else; then delete it from the distribution service and its entry from the lock, and let it be built again.',
  },
  KERNEL: {
    symptom: DRIVER_CODES.KERNEL,
    cause: 'The node was booted with another kernel since it was asked.',
    mend: 'Wait for the next pass, which plans drivers for the kernel that runs.',
  },
  ARCHITECTURE: {
    symptom: DRIVER_CODES.ARCHITECTURE,
    cause: 'It was built on a node of another architecture, or its name says something else than it holds.',
    mend: 'Build it again on a node of the right architecture, and accept the new digest.',
  },
  VERMAGIC: {
    symptom: DRIVER_CODES.VERMAGIC,
    cause:
      'The headers that it was built with are of another kernel, or of one with other settings, and the kernel would refuse it.',
    mend: 'Build it again on a node with exactly that kernel, whose headers are of the same package version, and accept the new digest.',
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
      'A file of the host’s /proc or /sys is missing or hidden from the agent, and what is unknown permits nothing.',
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
      'The package of the loaded modules is neither whole on the node nor offered by the service, and the node would have no drivers if the new ones did not load.',
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

/** Of pods that load closed packages by the vendor's command. */
const LOADER_TROUBLES = {
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
    cause: 'The vendor’s command was stopped at its timeout.',
    mend: 'Read its last lines; it is tried again by itself.',
  },
} as const satisfies Readonly<Record<string, DriverTrouble>>;

/** By stable code, in the order in which a package goes its way. */
export const DRIVER_TROUBLES = {
  NOT_SELECTED,
  ...BUILD_TROUBLES,
  ...DELIVERY_TROUBLES,
  ...NODE_TROUBLES,
  ...LOADER_TROUBLES,
} as const;

type TroubleCode = keyof typeof DRIVER_TROUBLES;

/** What people see first, and the codes that it may be. */
export const DRIVER_SYMPTOMS: readonly {
  readonly symptom: string;
  readonly codes: readonly [TroubleCode, ...TroubleCode[]];
}[] = [
  { symptom: 'A build exceeds its timeout', codes: ['BUILD_TIMEOUT', 'NO_HEADERS'] },
  {
    symptom: 'The distribution service cannot be reached',
    codes: ['UNREACHABLE', 'UNTRUSTED', 'SERVICE', 'UPLOAD_UNREACHABLE', 'UPLOAD_TLS'],
  },
  {
    symptom: 'The signature of a package is wrong',
    codes: ['DIGEST', 'SIZE', 'BAD_PACKAGE', 'UPLOAD_DIGEST'],
  },
  { symptom: 'A node gets no drivers', codes: ['NOT_SELECTED', 'PACKAGE_MISSING', 'OTHER_LOADED', 'IN_USE'] },
  {
    symptom: 'The build fails for a custom or uncommon kernel',
    codes: ['COMPILE', 'WRONG_KERNEL', 'PRE_RUN', 'NO_SOURCE', 'VENDOR_PACK'],
  },
];

/** What a code means; undefined for one that is not known here. */
export function troubleOf(code: string | undefined): DriverTrouble | undefined {
  return code !== undefined && Object.hasOwn(DRIVER_TROUBLES, code)
    ? DRIVER_TROUBLES[code as TroubleCode]
    : undefined;
}
