/** NUL and the like, for a character class; in a syntax that the regular expressions of all languages share. */
export const control = "\\u0000-\\u001f\\u007f-\\u009f";

/** Unescaped: languages differ in how they escape what is above U+FFFF. */
const range = (from: number, to: number): string => `${String.fromCodePoint(from)}-${String.fromCodePoint(to)}`;

/** Characters that deceive readers, for a character class: bidi controls, zero-width characters, fillers, tags and the like. */
export const hidden =
  "\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e" +
  `\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\uffff${range(0xe0000, 0xe007f)}`;

/** Joiners, variation selectors and blanks, for a character class. Persian and emoji need them; alone, none is visible. */
export const joining = "\\u180b-\\u180d\\u180f\\u200c\\u200d\\u2800\\ufe00-\\ufe0f";

/** The flag of a part of a country, such as Scotland's: a black flag, and tags that name the part. */
export const subdivisionFlag = `${String.fromCodePoint(0x1f3f4)}[${range(0xe0020, 0xe007e)}]+${String.fromCodePoint(0xe007f)}`;
