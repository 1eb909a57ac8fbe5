import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { chromium, type Page } from "playwright-core";
import { installedBrowser } from "../scripts/runtime/browser.js";
import { stateFolder } from "../scripts/runtime/paths.js";
import { afterAll } from "./support/cleanup.js";
import { type RunningService, startOrdersService, startUserService } from "./support/services.js";

const apiKey = "key-of-the-docs-page";
const screenshots = join(stateFolder, "screenshots");

const [users, orders] = await Promise.all([
  startUserService({ API_KEY: apiKey }),
  startOrdersService({ API_KEY: apiKey }),
]);
const program = await installedBrowser();
const browser = program && (await chromium.launch({ executablePath: program, args: ["--no-sandbox"] }));
if (browser) afterAll(() => browser.close());
const howTo = "there is no browser, and no package could be installed: install Chromium or Google Chrome";
// A runner of GitHub must have one.
const skip = !browser && !process.env["GITHUB_ACTIONS"] && howTo;

/** Opens `/docs`, in which everything goes through the page's own policy, and notes what the browser complains of. */
async function open({ url }: RunningService): Promise<{ page: Page; complaints: string[] }> {
  assert.ok(browser);
  const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
  const complaints: string[] = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(`${url}/docs`);
  await page.locator(".opblock").first().waitFor();
  return { page, complaints };
}

async function authorize(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Authorize" }).click();
  await page.locator(".auth-container input").fill(apiKey);
  await page.locator(".auth-btn-wrapper .authorize").click();
  await page.locator(".btn-done").click();
}

/** Sends the example of a call, as somebody would who tries it out, and returns the status that the page shows. */
async function tryOut(page: Page, call: string): Promise<string> {
  const block = page.locator(".opblock", { hasText: call }).first();
  await block.locator(".opblock-summary-control").click();
  await block.getByRole("button", { name: "Execute" }).click();
  const status = block.locator(".live-responses-table .response-col_status").last();
  await status.waitFor();
  return ((await status.textContent()) ?? "").trim();
}

async function keep(page: Page, name: string): Promise<void> {
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`) });
}

for (const [what, service, collection, summary] of [
  ["a user", users, "users", "Create a user"],
  ["an order", orders, "orders", "Place an order"],
] as const)
  test(`When ${what} is tried out in the page of its service, then it is there`, { skip }, async () => {
    const { page, complaints } = await open(service);
    await keep(page, collection);
    await authorize(page);
    const status = await tryOut(page, summary);

    assert.equal(status, "201");
    assert.equal(await service.database.connection.collection(collection).countDocuments(), 1);
    assert.deepEqual(complaints, []);
  });
