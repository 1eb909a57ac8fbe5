import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
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

/** Where none could be installed, and make test tried, the reason is told; a runner of GitHub has one. */
function withoutBrowser(t: TestContext): boolean {
  if (browser) return false;
  assert.equal(process.env["GITHUB_ACTIONS"], undefined, "a runner must have a browser");
  t.skip("there is no browser, and no package could be installed: install Chromium or Google Chrome");
  return true;
}

const rows = ({ database }: RunningService, collection: string) =>
  database.connection.collection(collection).countDocuments();

test("When a user is tried out in the page of user_service, then it is there", async (t) => {
  if (withoutBrowser(t)) return;
  const { page, complaints } = await open(users);
  await keep(page, "users");
  await authorize(page);
  const status = await tryOut(page, "Create a user");

  assert.equal(status, "201");
  assert.equal(await rows(users, "users"), 1);
  assert.deepEqual(complaints, []);
});

test("When an order is tried out in the page of orders_service, then it is there", async (t) => {
  if (withoutBrowser(t)) return;
  const { page, complaints } = await open(orders);
  await keep(page, "orders");
  await authorize(page);
  const status = await tryOut(page, "Place an order");

  assert.equal(status, "201");
  assert.equal(await rows(orders, "orders"), 1);
  assert.deepEqual(complaints, []);
});
