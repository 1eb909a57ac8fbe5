import { IncomingMessage, type ServerOptions, ServerResponse } from "node:http";
import type { Express } from "express";

/** Classes for `createServer` whose objects are born with the prototypes that Express sets on each; `app` takes these. */
export function expressClasses(app: Express): ServerOptions {
  // To change a prototype makes an object slow to read in V8, which is half of what an empty Express costs.
  class Request extends IncomingMessage {}
  class Response<R extends IncomingMessage> extends ServerResponse<R> {}
  Object.setPrototypeOf(Request.prototype, app.request);
  Object.setPrototypeOf(Response.prototype, app.response);
  Object.assign(app, { request: Request.prototype, response: Response.prototype });
  return { IncomingMessage: Request, ServerResponse: Response };
}
