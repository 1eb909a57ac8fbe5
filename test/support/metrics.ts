type Labels = Readonly<Record<string, string>>;

/** What `/metrics` of a service says, as Prometheus reads it. */
export class Scrape {
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  static async of(url: string): Promise<Scrape> {
    const response = await fetch(`${url}/metrics`);
    if (response.status !== 200) throw new Error(`/metrics is ${response.status}`);
    return new Scrape(await response.text());
  }

  /** The value of the series with exactly these labels; undefined where there is none. */
  value(name: string, labels: Labels = {}): number | undefined {
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    for (const [, found, shown = "", value] of this.text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm))
      if (found === name && shown === wanted.join(",")) return Number(value);
    return undefined;
  }

  /** All values that a label has, in whatever series. */
  values(label: string): ReadonlySet<string> {
    const found = this.text.matchAll(new RegExp(`[{,]${label}="((?:[^"\\\\]|\\\\.)*)"`, "g"));
    return new Set([...found].map(([, value = ""]) => value));
  }
}
