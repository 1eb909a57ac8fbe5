/** For a character class, in the syntax that regular expressions of all languages share: NUL and the like. */
export const controlCharacters = "\\u0000-\\u001f\\u007f-\\u009f";

/** From one code point to another, as they are: above U+FFFF languages differ in how they are escaped. */
const range = (from: number, to: number): string => `${String.fromCodePoint(from)}-${String.fromCodePoint(to)}`;

/** For a character class: what deceives readers, such as bidi controls, zero-width characters, fillers and tags. */
export const hiddenCharacters =
  "\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e" +
  `\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\uffff${range(0xe0000, 0xe007f)}`;

/** For a character class: joiners, variation selectors, blanks. Persian and emoji need them; alone, none is visible. */
export const joiningCharacters = "\\u180b-\\u180d\\u180f\\u200c\\u200d\\u2800\\ufe00-\\ufe0f";

/** A flag of a part of a country, such as Scotland's: a black flag, and tags that say which. */
export const taggedFlag = `${String.fromCodePoint(0x1f3f4)}[${range(0xe0020, 0xe007e)}]+${String.fromCodePoint(0xe007f)}`;
