import { leadingMark, type Mark } from './mark.ts';
import { TAKERS } from './secret-arguments.ts';
import { isHarmless } from './secret-assignments.ts';

/** Words of a command line up to the option that is looked for. */
const WORDS = '(?:[ \\t]+[^\\s|;&]{1,200}){0,20}?[ \\t]+';

/** What stands between an option and its value. */
const BETWEEN = { apart: '[ \\t]+(?!-)', glued: '', either: '(?:[ \\t]+(?!-))?' } as const;

/** Places of a credential that no name gives away: what leads to it, and the credential. */
const FORMS: readonly RegExp[] = [
  ...TAKERS.map(({ program, option, form, first }) => {
    const words = first === true ? '[ \\t]+' : WORDS;
    return new RegExp(`(\\b${program}${words}${option}${BETWEEN[form]}["']?)([^\\s"'|;&]{1,400})`, 'g');
  }),
  // `curl -uUSER:PASSWORD`.
  new RegExp(`(\\bcurl${WORDS}-u["']?[^\\s"':]{1,100}:)([^\\s"'|;&]{1,400})`, 'g'),
  // A line of a .netrc file.
  /(\b(?:machine\s{1,20}[^\s]{1,200}|default)\s{1,20}login\s{1,20}[^\s]{1,200}\s{1,20}password\s{1,20})([^\s]{1,400})/g,
  // `user:password@tcp(host:port)/db`, which is no URL.
  /((?<![\w.:/-])[\w.-]{1,64}:)([^\s"'@]{1,200})(?=@(?:tcp|udp|unix)\()/g,
  // The signature of an address that was signed beforehand gives whoever has it the rights of its signer.
  /([?&](?:sig|Signature|X-Amz-Signature|X-Goog-Signature)=)([^&\s"'#<>]{8,2000})/gi,
];

/** `text` without the credentials that programs take in a form of their own. */
export function hideOptions(text: string, mark: Mark): string {
  return FORMS.reduce(
    (shown, form) =>
      shown.replace(form, (all, lead: string, credential: string, at: number, whole: string) => {
        const from = at + lead.length;
        const isDone = leadingMark(whole.slice(from, from + 40)) !== '' || isHarmless(credential);
        return isDone ? all : `${lead}${mark(credential)}`;
      }),
    text,
  );
}
