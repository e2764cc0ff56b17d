import type { DriverTrouble } from './driver-trouble.ts';

/** Of builders. */
export const BUILD_TROUBLES = {
  NO_HEADERS: {
    symptom: 'A build stops before it compiles.',
    cause:
      'The node that builds has no headers of the kernel that is built for, below /lib/modules and /usr/src. That kernel need not be the one that it runs.',
    mend: 'Install the headers of the kernel that the message names on a node that builds, e.g. apt-get install linux-headers-RELEASE; the build goes on by itself.',
  },
  WRONG_KERNEL: {
    symptom: 'A build, or the loading of a package, stops before it begins.',
    cause:
      'The pod runs on a node with another kernel than the one that it is for; or the headers that it found, or the modules that it made, are of another release.',
    mend: 'Read in the message which it is. Let the nodeSelector of the builder name nodes with that kernel, e.g. by label weka.io/kernel, or install headers of exactly that release; where a node was upgraded the next pass plans anew by itself.',
  },
  RUNNING_KERNEL_ONLY: {
    symptom: 'Drivers for a kernel that is not booted yet are not built ahead; the plan says coming.',
    cause:
      'The image of the builder builds with weka driver pack, which builds for the kernel that runs alone.',
    mend: 'Wait for a node to boot that kernel: they are built right after. An image with sources in /opt/weka/driver-source builds ahead.',
  },
  PRE_RUN: {
    symptom: 'A build stops before it compiles.',
    cause: 'The script that is to run before the build ended with an error.',
    mend: 'Correct preRunScript, or builderPreRunScript of the policy, by the last lines that it printed.',
  },
  LEFT_BEHIND: {
    symptom: 'A build stops after its pre-run script, or amid its steps.',
    cause:
      'The script, or a program of the build, started something that cannot be ended: it could change what is built, or read the key that signs it.',
    mend: 'Have preRunScript and the build start nothing that goes on by itself; where nothing of it does, look for a disk of the node that does not answer.',
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
