import { relative } from "node:path";
import { spec, type TestEvent } from "node:test/reporters";
import { root } from "../runtime/paths.js";

/**
 * For node's test runner: a line for each file that is done, with how many there are; of what fails or is skipped, and
 * at the end, what the runner's own reporter says.
 */
// biome-ignore lint/style/noDefaultExport: the test runner looks for a reporter there.
export default async function* progressReporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const total = process.argv.filter((argument) => argument.endsWith(".test.js")).length;
  const details = new spec();
  let [done, passed, failed] = [0, 0, 0];
  let file: string | undefined;
  const fileLine = () => {
    if (file === undefined) return "";
    const counts = failed === 0 ? `${passed} passed` : `${passed} passed, ${failed} failed`;
    return `${failed === 0 ? "✔" : "✖"} ${++done} of ${total}: ${sourceOf(file)}, ${counts}\n`;
  };

  for await (const event of events) {
    details.write(event);
    const text = String(details.read() ?? "");
    const isResult = event.type === "test:pass" || event.type === "test:fail";
    if (isResult || event.type === "test:start") {
      // What stands inside a suite may have been registered by a helper, and has the helper's name.
      const from = event.data.nesting === 0 && isTest(event.data.file) ? event.data.file : file;
      if (from !== file) {
        yield fileLine();
        [file, passed, failed] = [from, 0, 0];
      }
    }
    if (!isResult) {
      // The counts of the whole run belong to no file.
      if (event.type === "test:diagnostic" && event.data.file === undefined) {
        yield fileLine();
        file = undefined;
      }
      yield text;
      continue;
    }
    const ran = event.data.skip === undefined && event.data.todo === undefined;
    if (event.type === "test:fail") failed += 1;
    else if (ran && event.data.details.type !== "suite") passed += 1;
    if (event.type === "test:fail" || !ran) yield text;
  }
  details.end();
  for await (const text of details) yield String(text);
}

const isTest = (file = ""): boolean => /\.test\.[jt]s$/.test(file);

/** The source of a compiled test. */
const sourceOf = (file: string): string =>
  relative(root, file)
    .replace(/^build\//, "")
    .replace(/\.js$/, ".ts");
