const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;
const PUBLIC = new Set(['CERTIFICATE', 'TRUSTED CERTIFICATE', 'X509 CRL', 'PUBLIC KEY']);

/** Whether a value tells nobody a secret: nothing at all, or certificates and public keys in PEM and nothing beside them. */
export function isPublic(text: string): boolean {
  if (text.trim() === '') return true;
  const kinds = [...text.matchAll(BLOCK)].map(([, kind = '']) => kind);
  return (
    kinds.length > 0 && kinds.every((kind) => PUBLIC.has(kind)) && isCommentary(text.replaceAll(BLOCK, ''))
  );
}

/** What bundles of certificates have between them. */
function isCommentary(rest: string): boolean {
  return rest.split('\n').every((line) => line.trim() === '' || line.startsWith('#'));
}
