/** Escapes terminal control characters in untrusted text. */
export function terminalText(text: string): string {
  return text.replaceAll(/[^\P{Cc}\t]/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
