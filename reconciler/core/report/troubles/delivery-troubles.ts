import type { DriverTrouble } from './driver-trouble.ts';

/** Of what brings packages into a distribution service. */
export const DELIVERY_TROUBLES = {
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
    mend: 'Delete the package from the volume of the service if it is not the pinned one; in place of that, another one comes by the Approval accept-driver-package alone.',
  },
  UPLOAD_DIGEST: {
    symptom: 'What comes into the distribution service is not what was sent.',
    cause: 'Something changed the bytes on their way, such as a proxy or memory that is broken.',
    mend: 'Look for a proxy between builder and service, and at the hardware of both nodes.',
  },
  UPLOAD_NO_ROOM: {
    symptom: 'The distribution service has no room for a package.',
    cause:
      'Its volume is full of packages that are in use; or it cannot tell which are, since ConfigMap NAME-in-use, with the name of the service, is missing or garbled, and then none goes.',
    mend: 'Read the log of the service, which says which of the two it is. Give the service a larger PersistentVolumeClaim; the next pass writes the ConfigMap anew.',
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
