/** Rows of cells as lines whose columns stand below each other: the first to the left, all others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number) => {
    const width = widths[column] ?? 0;
    return column === 0 ? cell.padEnd(width) : cell.padStart(width);
  };
  return rows.map((row) => row.map(pad).join("  ").trimEnd()).join("\n");
}

/** A figure with three digits that count; a dash for one that is not known. */
export const shown = (figure: number | undefined): string =>
  figure === undefined || Number.isNaN(figure) ? "-" : figure >= 100 ? figure.toFixed(0) : figure.toPrecision(3);
