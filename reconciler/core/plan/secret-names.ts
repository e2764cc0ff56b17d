/** Words that make a name one of something secret, alone or together. */
const SECRET = new Set(
  (
    'password passwords passwd passwds passphrase passphrases passcode pass pwd pw secret secrets token tokens ' +
    'credential credentials creds apikey apikeys authorization bearer htpasswd dockerconfigjson dockercfg ' +
    'kubeconfig privatekey secretkey accesskey authtoken jwt psk otp keytab cookie ' +
    'requirepass masterauth storepass keypass'
  ).split(' '),
);

/** Endings of words that are written together: `PGPASSWORD`, `mytoken`, `dbpass`. */
const ENDINGS =
  /(?:password|passwd|passphrase|secret|token|(?:api|secret|private|priv|access|auth|pass|deploy|unseal|encryption|enc|signing|master)key|.pass|.pwd|..pw)$/;

/** Words of other meanings with such an ending. */
const OTHERS =
  /^(?:(?:en)?compass|bypass|trespass|surpass|(?:over|under|multi|single|one|two|high|low|band|all)pass|oldpwd)$/;

/** Before `key`, they make it one that opens something. */
const KEY_OF = new Set(
  (
    'api access secret private encryption decryption encrypt signing sign master shared account auth session ' +
    'unseal recovery priv ' +
    'ssh rsa dsa ed25519 hmac aes license storage admin webhook deploy crypto cipher app application client service tls server'
  ).split(' '),
);

/** Before `auth` at the end of a name, they make it a login: `REDIS_AUTH`. */
const AUTH_OF = new Set(['redis', 'basic', 'proxy', 'smtp', 'registry']);

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
    'username owner permissions id ids status state source syncer sync controller operator driver plugin image verbs kids through thru'
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
  // What Vault calls so opens it; others call the name of a secret `secretId`.
  if (/(?:^|[_-])secret[_-]id$/i.test(own)) return true;
  const words = wordsOf(own);
  return words.some(
    (word, at) => isSecretWord(words, word, at) && !words.slice(at + 1).some((later) => ABOUT.has(later)),
  );
}

function isSecretWord(words: readonly string[], word: string, at: number): boolean {
  if (SECRET.has(word) || (ENDINGS.test(word) && !OTHERS.test(word))) return true;
  if (word === 'auth') return at === words.length - 1 && AUTH_OF.has(words[at - 1] ?? '');
  return (word === 'key' || word === 'keys') && KEY_OF.has(words[at - 1] ?? '');
}

/**
 * Whether what goes by `name` beside or below a secret says something about it: which one, where, how long. What a reference
 * consists of is among that.
 */
export function isAboutSecret(name: string): boolean {
  if (name === 'key' || name === 'items' || NAMES_OF_SECRETS.has(name)) return true;
  const last = name.length > LONGEST ? undefined : wordsOf(name).at(-1);
  return last !== undefined && ABOUT.has(last);
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
