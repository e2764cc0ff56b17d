/** Name, in additionalSecrets of a builder, of the Secret whose key modules are signed with. */
export const MODULE_SIGNING = 'module-signing';
/** Where the container that keeps that key has it; no other container of the pod does. */
export const SIGNING_KEY_FOLDER = '/var/run/secrets/weka-operator/module-signing';
/** Folder that a builder shares with the container that keeps its key, and the socket there. */
export const SIGNING_FOLDER = '/var/run/weka-gitops/signing';
export const SIGNING_SOCKET = `${SIGNING_FOLDER}/socket`;
