import { read } from "./repository.js";

interface Fence {
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a Markdown file of this repository, in their order. */
export function fencesOf(file: string): readonly Fence[] {
  const blocks = read(file).matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm);
  return [...blocks].map(([, language = "", text = ""]) => ({ language, text }));
}

/** The rows of the first table below a heading's first words, as their cells, without the head of the table. */
export function tableOf(file: string, firstHead: string): readonly (readonly string[])[] {
  const lines = read(file).split("\n");
  const head = lines.findIndex((line) => line.startsWith(`| ${firstHead} |`));
  if (head < 0) throw new Error(`${file} has no table with the head ${firstHead}`);
  const end = lines.findIndex((line, index) => index > head && !line.startsWith("|"));
  return lines.slice(head + 2, end).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
