import { IncomingMessage, type ServerOptions, ServerResponse } from "node:http";
import type { Express } from "express";

/** Classes for `createServer`: requests and responses are born with the prototypes that Express would set on each. */
export function expressClasses(app: Express): ServerOptions {
  // V8 reads the properties of an object whose prototype was changed the slow way: half of what an empty Express costs.
  class Request extends IncomingMessage {}
  class Response<R extends IncomingMessage> extends ServerResponse<R> {}
  Object.setPrototypeOf(Request.prototype, app.request);
  Object.setPrototypeOf(Response.prototype, app.response);
  Object.assign(app, { request: Request.prototype, response: Response.prototype });
  return { IncomingMessage: Request, ServerResponse: Response };
}
