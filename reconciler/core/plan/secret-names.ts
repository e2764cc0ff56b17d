/** Words that make a name one of something secret, alone or together. */
const SECRET = new Set(
  (
    'password passwords passwd passwds passphrase passphrases passcode pass pwd pw secret secrets token tokens ' +
    'credential credentials creds apikey apikeys authorization bearer htpasswd dockerconfigjson dockercfg ' +
    'kubeconfig privatekey secretkey accesskey authtoken jwt psk otp keytab cookie'
  ).split(' '),
);

/** Endings of words that are written together: `PGPASSWORD`, `mytoken`. */
const ENDINGS = /(?:password|passwd|passphrase|secret|token|apikey|secretkey|privatekey|accesskey)$/;

/** Before `key`, they make it one that opens something. */
const KEY_OF = new Set(
  (
    'api access secret private encryption decryption encrypt signing sign master shared account auth session ' +
    'ssh rsa dsa ed25519 hmac aes license storage admin webhook deploy crypto cipher app application client service tls server'
  ).split(' '),
);

/**
 * After such a word they say that the value is something about a secret, and not the secret: where it is, which one it
 * is, how long it lives.
 */
const ABOUT = new Set(
  (
    'name names ref refs reference references path paths file files filename dir directory folder mount seconds minutes ' +
    'hours days ms ttl expiry expiration expires expire lifetime age duration timeout period policy policies type types ' +
    'kind kinds namespace namespaces mode enabled enable disabled disable required require optional length len count ' +
    'size limit limits max min version versions class audience audiences issuer header headers format algorithm alg ' +
    'provider providers selector rotation rotate interval review reviewer reviews request requests store manager ' +
    'url uri endpoint host hostname port server service field fields label labels template generation rule rules ' +
    'spec specs check validation validate strength hint prompt attempts retries retry usage scope scopes role roles user users ' +
    'username owner permissions id ids status state source syncer sync controller operator driver plugin image verbs kids'
  ).split(' '),
);

/** Fields of Kubernetes, of the vendor's kinds and of ours that hold the name of a Secret, or several. */
const NAMES_OF_SECRETS: ReadonlySet<string> = new Set([
  'imagePullSecret',
  'imagePullSecrets',
  'additionalSecrets',
  'cacertSecret',
  'domainJoinSecret',
  'wekahomeCaSecret',
  'secrets',
]);

/** Longer names are no names. */
const LONGEST = 200;

/**
 * Whether what goes by `name` looks like a secret: `DB_PASSWORD`, `apiKey`, `tls.key`; and not what is said about one:
 * `secretName`, `tokenExpirationSeconds`, `passwordSecretRef`. Of `DOMAIN/NAME` only the name counts.
 */
export function isSecretName(name: string): boolean {
  const own = name.slice(name.lastIndexOf('/') + 1);
  if (own.length > LONGEST || NAMES_OF_SECRETS.has(own)) return false;
  if (/^\.?id_(?:rsa|dsa|ecdsa|ed25519)$|\.(?:key|pem\.key|p12|pfx|jks|keystore)$/i.test(own)) return true;
  const words = wordsOf(own);
  return words.some(
    (word, at) => isSecretWord(words, word, at) && !words.slice(at + 1).some((later) => ABOUT.has(later)),
  );
}

function isSecretWord(words: readonly string[], word: string, at: number): boolean {
  if (SECRET.has(word) || ENDINGS.test(word)) return true;
  return (word === 'key' || word === 'keys') && KEY_OF.has(words[at - 1] ?? '');
}

/** `dbPassword`, `DB_PASSWORD` and `db-password` are `db` and `password`. */
function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map((word) => word.replace(/^\d+|\d+$/g, '') || word)
    .filter((word) => word !== '');
}
