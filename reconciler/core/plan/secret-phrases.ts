import { leadingMark, type Mark } from './mark.ts';
import { isHarmless } from './secret-assignments.ts';
import { isSecretName } from './secret-names.ts';

/** A name, and the quotes around it however often they are escaped. */
const NAMED = '\\\\{0,9}["\'](?<name>[\\w.-]{1,100})\\\\{0,9}["\']';

/**
 * How languages say a secret other than by `NAME=VALUE`: `lead` is what comes before the `secret`, and `name`, where there is
 * one, what has to look like a secret's name.
 */
const FORMS: readonly RegExp[] = [
  // `<property name="password" value="…"/>`, `<add key="Password" value="…"/>`.
  new RegExp(
    `(?<lead>\\b(?:name|key|id)\\s{0,3}=\\s{0,3}${NAMED}[^<>]{0,200}?\\b(?:value|content|default)\\s{0,3}=\\s{0,3}\\\\{0,9}["'])(?<secret>[^"'<>\\\\]{1,2000})`,
    'gi',
  ),
  new RegExp(
    `(?<lead>\\b(?:value|content|default)\\s{0,3}=\\s{0,3}\\\\{0,9}["'])(?<secret>[^"'<>\\\\]{1,2000})(?=\\\\{0,9}["'][^<>]{0,200}?\\b(?:name|key|id)\\s{0,3}=\\s{0,3}${NAMED})`,
    'gi',
  ),
  // `<property name="password">…</property>`.
  new RegExp(
    `(?<lead><[\\w.:-]{1,60}\\s[^<>]{0,200}?\\b(?:name|key|id)\\s{0,3}=\\s{0,3}${NAMED}[^<>]{0,200}(?<!/)>)(?<secret>[^<]{1,2000})`,
    'gi',
  ),
  // `IDENTIFIED BY '…'`, `WITH PASSWORD '…'`, `SET PASSWORD FOR jane = PASSWORD('…')`.
  /(?<lead>\bIDENTIFIED\s{1,5}(?:WITH\s{1,5}[\w"'`]{1,60}\s{1,5})?(?:BY|AS)\s{1,5}(?:PASSWORD\s{1,5})?')(?<secret>(?:[^'\n]|''){1,2000})(?=')/gi,
  /(?<lead>\bIDENTIFIED\s{1,5}(?:WITH\s{1,5}[\w"'`]{1,60}\s{1,5})?(?:BY|AS)\s{1,5}(?:PASSWORD\s{1,5})?")(?<secret>[^"\n]{1,2000})(?=")/gi,
  /(?<lead>\bPASSWORD(?:\s{1,5}FOR\s{1,5}[^\s=]{1,200}\s{0,5}=)?\s{0,5}[=(]?\s{0,5}')(?<secret>(?:[^'\n]|''){1,2000})(?=')/gi,
  // `ENV PASSWORD …`, `export PASSWORD …`, `setenv PASSWORD …`.
  /(?<lead>(?<![\w-])(?:ENV|ARG|export|setenv)[ \t]{1,20}(?<name>[\w.-]{1,100})[ \t]{1,20}["']?)(?<secret>[^\s="'\\][^\n"'\\]{0,2000})/g,
  // WEKA's own program takes passwords by their place.
  /(?<lead>\bweka[ \t]{1,5}user[ \t]{1,5}(?:login[ \t]{1,5}[^\s-][^\s]{0,100}|add[ \t]{1,5}[^\s-][^\s]{0,100}[ \t]{1,5}[a-z]{1,30}|passwd)[ \t]{1,5}["']?)(?<secret>[^\s"'-][^\s"']{0,400})/g,
  // Lines of configuration files.
  /(?<lead>^[ \t]*(?:requirepass|masterauth|(?:olc)?rootpw|bindpw|storepass|keypass)[ \t]{1,20}(?:--\w{1,20}[ \t]{1,20})?["']?)(?<secret>[^\s"'=:][^\s"']{0,2000})/gim,
  // A key in an address, which has letters and digits.
  /(?<lead>[?&](?:key|code)=)(?<secret>(?=[^&\s"'#<>\\]{0,400}\d)(?=[^&\s"'#<>\\]{0,400}[A-Za-z])[^&\s"'#<>\\]{8,2000})/gi,
  // Addresses that let whoever knows them post.
  /(?<lead>\bhooks\.slack\.com\/(?:services|workflows|triggers)\/)(?<secret>[\w/-]{8,400})/gi,
  /(?<lead>\bdiscord(?:app)?\.com\/api\/webhooks\/\d{1,30}\/)(?<secret>[\w-]{8,400})/gi,
  /(?<lead>\.webhook\.office\.com\/webhookb2\/)(?<secret>[^\s"'<>\\]{8,1000})/gi,
  /(?<lead>\bapi\.telegram\.org\/(?:file\/)?bot\d{1,20}:)(?<secret>[\w-]{8,400})/gi,
  // Nobody calls himself like that where a password would follow, so it is a token.
  /(?<lead>\bftps?:\/\/)(?<secret>(?!anonymous@|ftp@)[^\s:/@"'<>\\]{1,400})(?=@)/gi,
];

interface Found {
  readonly lead: string;
  readonly secret: string;
  readonly name?: string;
}

/** `text` without the secrets that XML, SQL, Dockerfiles, shells and addresses have in forms of their own. */
export function hidePhrases(text: string, mark: Mark): string {
  return FORMS.reduce(
    (shown, form) =>
      shown.replace(form, (all: string, ...rest: readonly unknown[]) => {
        const { lead, secret, name } = rest.at(-1) as Found;
        if (name !== undefined && !isSecretName(name)) return all;
        if (leadingMark(secret) !== '' || isHarmless(secret)) return all;
        return `${lead}${mark(secret)}`;
      }),
    text,
  );
}
