import { IncomingMessage, type ServerOptions, ServerResponse } from "node:http";
import type { Express } from "express";

/**
 * Classes for `createServer`, whose requests and responses have the methods of `app` from birth. Express would put them
 * behind each object with `Object.setPrototypeOf`, and V8 reads the properties of an object changed like that the slow
 * way, which is half of what an empty Express costs. Here it finds the prototypes that it would set, so nothing changes.
 */
export function expressClasses(app: Express): ServerOptions {
  class Request extends IncomingMessage {}
  class Response<R extends IncomingMessage> extends ServerResponse<R> {}
  Object.setPrototypeOf(Request.prototype, app.request);
  Object.setPrototypeOf(Response.prototype, app.response);
  Object.assign(app, { request: Request.prototype, response: Response.prototype });
  return { IncomingMessage: Request, ServerResponse: Response };
}
