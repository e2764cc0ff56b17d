/**
 * Text for a terminal. What the host has names for may hold anything; what would move the cursor, end the line or turn
 * the direction of reading is written out as its code point.
 */
export function printable(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
