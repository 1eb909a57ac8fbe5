/** A figure with the three digits that count; undefined where it is not known. */
export const rounded = (figure: number | undefined): number | undefined =>
  figure === undefined || Number.isNaN(figure)
    ? undefined
    : Number(figure >= 100 ? figure.toFixed(0) : figure.toPrecision(3));

/** Shows rows by their names; what is undefined stays blank. */
export const showTable = (rows: object): void => console.table(JSON.parse(JSON.stringify(rows)));
