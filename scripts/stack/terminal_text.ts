/** Escapes what a terminal would take for a command, in text that somebody else wrote. */
export function terminalText(text: string): string {
  return text.replaceAll(/[^\P{Cc}\t]/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
