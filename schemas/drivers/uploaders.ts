/** Organization in the certificates of those who may upload to a distribution service. */
export const UPLOADERS = 'weka-gitops:uploaders';
/** Header of an upload: the SHA-256 that it has to have, in hexadecimal digits. */
export const DIGEST_HEADER = 'x-weka-sha256';
