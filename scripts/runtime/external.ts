import type { ServerHandle } from "./handle.js";
import { UserError } from "./user_error.js";

interface External {
  readonly kind: string;
  readonly url: string;
  /** The variable that named it. */
  readonly variable: string;
  readonly answers: (url: string) => Promise<boolean>;
}

/** A server given by its URL: used, but neither started nor stopped. */
export function externalServer({ kind, url, variable, answers }: External): ServerHandle {
  const unsupported = async () => {
    throw new UserError(`Not possible for a server given by ${variable}`);
  };
  const start = async () => {
    if (!(await answers(url)))
      throw new UserError(
        `${variable} is set to ${withoutPassword(url)}, and no usable server responds there: unset it, or start the server`,
      );
  };
  return {
    kind,
    url,
    start,
    stop: async () => {},
    kill: unsupported,
    freeze: unsupported,
    thaw: unsupported,
    remove: async () => {},
  };
}

/** The URL as it may be shown: several hosts, or several URLs, are no valid `URL`, so by pattern. */
export function withoutPassword(url: string): string {
  return url.replace(/:\/\/([^:@/]*):[^@/]*@/g, "://$1:***@");
}
