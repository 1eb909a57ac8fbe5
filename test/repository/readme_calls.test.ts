import assert from "node:assert/strict";
import { test } from "node:test";
import { execa } from "execa";
import { text } from "../support/http.js";
import { fencesOf } from "../support/markdown.js";
import { startOrdersService, startUserService } from "../support/services.js";

/** The ids that the READMEs show; a run has its own in their place. */
const shown = { user: "6b0573dc49688ec594b1264b", order: "6b0573dc8175a45d2e551a82" };

for (const file of ["README.md", "user_service/README.md", "orders_service/README.md"]) {
  const [users, orders] = await Promise.all([startUserService(), startOrdersService()]);
  const ids = { user: shown.user, order: shown.order };

  const ofThisRun = (command: string) =>
    command
      .replaceAll("http://localhost:3001", users.url)
      .replaceAll("http://localhost:3002", orders.url)
      .replaceAll(shown.user, ids.user)
      .replaceAll(shown.order, ids.order);

  const fences = fencesOf(file);
  for (const [index, { language, text: command }] of fences.entries()) {
    if (language !== "sh" || !command.startsWith("curl")) continue;
    const next = fences[index + 1];
    const answer = next?.language === "json" ? next.text : undefined;
    test(`When somebody types "${firstLine(command)}", then the answer is as ${file} says`, async () => {
      const { stdout } = await execa("bash", ["-c", ofThisRun(command.replace("curl -i", "curl -sS -i"))]);
      const [head = "", body = ""] = stdout.split(/\r?\n\r?\n/);

      assert.match(head, /^HTTP\/1\.1 (20\d|422) /);
      const parsed: unknown = /^content-type: application\/json/im.test(head) ? JSON.parse(body) : undefined;
      if (command.includes("POST") && head.includes(" 201 ")) {
        const made = command.includes("/users") ? "user" : "order";
        ids[made] = text(parsed, "id");
      }
      if (answer) assert.deepEqual(normal(body), normal(answer));
    });
  }
}

function firstLine(command: string): string {
  return command.split("\n", 1)[0]?.replace(" \\", "") ?? "";
}

/** What differs from run to run made equal: ids, times, and whether an order was published already. */
function normal(json: string): unknown {
  const same = json
    .replaceAll(/"published_at":\s*(null|"[^"]*")/g, '"published_at": "null or a time"')
    .replaceAll(/"[0-9a-f]{24}"/g, '"an id"')
    .replaceAll(/"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"/g, '"a request id"')
    .replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"a time"');
  return JSON.parse(same);
}
