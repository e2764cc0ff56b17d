/**
 * Puts a secret together from enough of its parts, as Shamir's scheme over GF(2⁸) has it: each part is the values of one
 * polynomial for every byte of the secret, and the place where they were taken. Undefined where the parts do not fit together.
 */
export function combineShares(shares: readonly Uint8Array[]): Uint8Array | undefined {
  const [first] = shares;
  if (first === undefined || shares.length < 2 || first.length < 2) return undefined;
  if (shares.some(({ length }) => length !== first.length)) return undefined;
  const places = shares.map((share) => share.at(-1) ?? 0);
  if (new Set(places).size !== places.length || places.includes(0)) return undefined;
  // Lagrange's weights at zero. Adding and subtracting are the same here.
  const weights = places.map((place, index) =>
    places.reduce(
      (weight, other, at) =>
        at === index ? weight : multiply(weight, multiply(other, inverse(place ^ other))),
      1,
    ),
  );
  return Uint8Array.from({ length: first.length - 1 }, (_, byte) =>
    shares.reduce((sum, share, index) => sum ^ multiply(share[byte] ?? 0, weights[index] ?? 0), 0),
  );
}

/** In the field of AES: modulo x⁸ + x⁴ + x³ + x + 1. */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = ((product << 1) ^ (product & 0x80 ? 0x11b : 0)) & 0xff;
    if ((b >> bit) & 1) product ^= a;
  }
  return product;
}

/** a²⁵⁴, since a²⁵⁵ is 1. */
function inverse(a: number): number {
  let power = 1;
  for (let count = 0; count < 254; count++) power = multiply(power, a);
  return power;
}
