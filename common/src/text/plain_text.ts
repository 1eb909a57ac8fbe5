/** Length in code points, as JSON Schema counts it. */
export const codePoints = (text: string): number => [...text].length;

/** True if `text` has no control character (NUL among them) and no lone surrogate. */
export const isPlainText = (text: string): boolean => !/[\p{Cc}\p{Cs}]/u.test(text);
