import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../runtime/user_error.js";
import { apiKey } from "./flow.js";

const maxTries = 20;

interface Request {
  readonly method?: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

/** Calls the API and honours Retry-After. */
export class ApiClient {
  /** How often the API asked for a retry. */
  pauses = 0;

  /** POSTs JSON. Throws a `UserError` for any status but those of success and those in `alsoFine`. */
  post(url: string, body: unknown, headers: Record<string, string> = {}, alsoFine: readonly number[] = []) {
    const json = { ...headers, "Content-Type": "application/json" };
    return this.#call(url, { method: "POST", headers: json, body: JSON.stringify(body) }, alsoFine);
  }

  get(url: string) {
    return this.#call(url, { headers: {} }, []);
  }

  async #call(url: string, init: Request, alsoFine: readonly number[]) {
    const headers = { ...init.headers, ...(apiKey ? { Authorization: `Bearer ${apiKey}` } : {}) };
    for (let tries = 1; ; tries += 1) {
      const response = await fetch(url, { ...init, headers }).catch((error: Error) => {
        throw new UserError(`${url} can't be reached: ${error.cause ?? error}`);
      });
      const text = await response.text();
      if (response.ok || alsoFine.includes(response.status)) return { response, body: parsed(text) };
      const comeBack = response.status === 429 || response.status === 503;
      if (!comeBack || tries === maxTries) throw new UserError(`${url} responded ${response.status}: ${text}`);
      this.pauses += 1;
      await sleep(retryAfterMs(response.headers.get("Retry-After")));
    }
  }
}

/** Seconds or a date, as the header may have it; a second where it says nothing. */
function retryAfterMs(value: string | null): number {
  const seconds = Number(value ?? 1);
  if (Number.isFinite(seconds)) return Math.max(0.1, seconds) * 1_000;
  const until = Date.parse(value ?? "") - Date.now();
  return Number.isFinite(until) ? Math.max(100, until) : 1_000;
}

function parsed(text: string): unknown {
  return text === "" ? undefined : JSON.parse(text);
}
