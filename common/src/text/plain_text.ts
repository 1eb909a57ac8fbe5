/** Length in code points, as JSON Schema counts it. */
export const codePoints = (text: string): number => [...text].length;

/** The inside of a character class, in the syntax that regular expressions of all languages share: NUL and the like. */
export const controlCharacters = "\\u0000-\\u001f\\u007f-\\u009f";

const notPlain = new RegExp(`[${controlCharacters}\\ud800-\\udfff]`, "u");

/** True if `text` has no control character (NUL among them) and no lone surrogate. */
export const isPlainText = (text: string): boolean => !notPlain.test(text);

/**
 * The inside of another: what can't be seen and makes text read otherwise than it is, or two texts look like one. Bidi
 * controls, zero-width characters, fillers, line separators and tags; without joiners and variation selectors, since
 * Persian, Hindi and emoji are written with those.
 */
export const hiddenCharacters =
  "\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e" +
  `\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\uffff${String.fromCodePoint(0xe0000)}-${String.fromCodePoint(0xe007f)}`;

/** The inside of a character class: zero-width (non-)joiners and variation selectors. Alone they show nothing either. */
export const joiningCharacters = "\\u200c\\u200d\\ufe00-\\ufe0f";
