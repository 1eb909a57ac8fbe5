import { UserError } from "./runtime/user_error.js";
import { main } from "./stack/main.js";
import { setting } from "./stack/settings.js";
import { terminalText } from "./stack/terminal_text.js";
import { keptSpans } from "./tracing/kept_spans.js";
import { relatedSpans, treeLines } from "./tracing/tree.js";

await main(async () => {
  const id = setting("id");
  if (!id) throw new UserError("Say whose: make trace id=<order, request or trace id>");
  const spans = relatedSpans(id, keptSpans());
  if (spans.length === 0)
    throw new UserError(
      `No spans of ${id} are kept. Requests after make up trace=1 have some; with Docker they are in Jaeger`,
    );
  console.log(`${"SPAN".padEnd(42)} ${"SERVICE".padEnd(13)} ${"BEGINS".padStart(11)} ${"TAKES".padStart(10)}`);
  for (const line of treeLines(spans)) console.log(terminalText(line));
});
